// The page: parsed by linkedom, its scripts run in order in this process's global scope.

import vm from 'node:vm';
import { parseHTML } from 'linkedom';
import { fetchText, importFrom, runModule } from './modules.mjs';

const kForeign = { iframe: 'iframe', video: 'HTMLVideoElement' };

/** Parses the text of a page. Elements that nothing stands behind are noted as touched. */
export function makeDocument(html, url, absent) {
  const { document } = parseHTML(html);
  for (const name of ['createElement', 'createElementNS']) {
    const original = document[name];
    document[name] = function create(...args) {
      const tag = args.at(name === 'createElement' ? 0 : 1);
      if (tag === 'audio') return new Audio();
      const foreign = kForeign[tag];
      if (foreign) absent.touch(foreign);
      return original.apply(document, args);
    };
  }
  for (const element of document.querySelectorAll('script')) {   // what is not rendered keeps its line breaks
    Object.defineProperty(element, 'innerText', { get: () => element.textContent });
  }
  for (const canvas of document.querySelectorAll('canvas')) {   // nobody sees what is drawn; what it streams is without sound
    canvas.getContext = () => ({});
    canvas.captureStream = () => new MediaStream();
  }
  for (const [tag, name] of Object.entries(kForeign)) if (document.querySelector(tag)) absent.touch(name);
  for (const [name, value] of Object.entries({ URL: url, documentURI: url, baseURI: url, readyState: 'loading', hidden: false })) {
    Object.defineProperty(document, name, { value, configurable: true, writable: true });
  }
  return document;
}

/** Runs the scripts of the document as a browser does: modules last. What they throw goes to onError. */
export async function runScripts(document, { url, onError }) {
  const run = async (element) => {
    const source = element.getAttribute('src');
    const address = source === null ? url : new URL(source, url).href;
    let text = source === null ? element.textContent : undefined;
    if (isModule(element)) return runModule(address, text);
    try {
      text ??= await fetchText(address);
    } catch {
      return undefined;   // the page goes on without a script that is not there
    }
    Object.defineProperty(document, 'currentScript', { value: element, configurable: true });
    return vm.runInThisContext(text, { filename: address, importModuleDynamically: (specifier) => importFrom(specifier, address) });
  };
  const scripts = [...document.querySelectorAll('script')];
  for (const element of [...scripts.filter(isClassic), ...scripts.filter(isModule)]) await run(element).catch(onError);
  Object.defineProperty(document, 'currentScript', { value: null, configurable: true });
}

const typeOf = (element) => element.getAttribute('type') ?? '';
const isModule = (element) => typeOf(element) === 'module';
const isClassic = (element) => /^$|\b(java|ecma)script\b/i.test(typeOf(element));
