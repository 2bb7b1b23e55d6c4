import { native } from '../native.js';
import { script } from '../script.js';
import { getBaseURL } from '../settings.js';
import { slotsOf } from '../webidl/platform_object.js';
import { ModuleMap } from '../worklet/modules.js';

/// https://html.spec.whatwg.org/multipage/worklets.html#dom-worklet-addmodule
export async function addModule(impl, moduleURL) {
  let url;
  try {
    url = new URL(moduleURL, getBaseURL()).href;
  } catch {
    throw new DOMException(`addModule: '${moduleURL}' is not a valid URL, nor relative to ${getBaseURL()}`, 'SyntaxError');
  }
  giveRuntime();
  const modules = slotsOf(impl).modules ??= new ModuleMap();
  await impl.context.addModule(await modules.graphOf(url));
}

let given = false;

// Offline contexts render in this process, where the engine needs script.node's runtime for their processors.
function giveRuntime() {
  if (given) return;
  native().setWorkletRuntimeFactory(script().runtimeFactory);
  given = true;
}
