import { serveInspection } from '../inspect/inspector.js';
import { native } from '../native.js';
import { script } from '../script.js';
import { getBaseURL, settings } from '../settings.js';
import { slotsOf } from '../webidl/platform_object.js';
import { added } from '../worklet/added.js';
import { ModuleMap } from '../worklet/modules.js';

/// https://html.spec.whatwg.org/multipage/worklets.html#dom-worklet-addmodule, and `replace`: the module and its imports are fetched anew.
export async function addModule(impl, moduleURL, { replace }) {
  let url;
  try {
    url = new URL(moduleURL, getBaseURL()).href;
  } catch {
    throw new DOMException(`addModule: '${moduleURL}' is not a valid URL, nor relative to ${getBaseURL()}`, 'SyntaxError');
  }
  giveRuntime();
  const slots = slotsOf(impl);
  const modules = slots.modules ??= new ModuleMap();
  const fetched = replace ? new ModuleMap() : modules;
  const graph = await fetched.graphOf(url);
  await impl.context.addModule(graph, replace);
  if (replace) modules.takeFrom(fetched);
  added.emit('module', { context: impl.context, url, graph, replace: () => addModule(impl, url, { replace: true }) });
}

let given = false;

// Offline contexts render in this process, where the engine needs script.node's runtime for their processors.
function giveRuntime() {
  if (given) return;
  if (settings.inspect) serveInspection(script().inspect());
  native().setWorkletRuntimeFactory(script().runtimeFactory);
  given = true;
}
