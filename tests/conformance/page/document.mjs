// The page: parsed by linkedom, its scripts run in order in this process's global scope.

import vm from 'node:vm';
import { parseHTML } from 'linkedom';

const kForeign = { iframe: 'iframe', audio: 'HTMLAudioElement', video: 'HTMLVideoElement' };

/** Parses the text of a page. Elements that nothing stands behind are noted as touched. */
export function makeDocument(html, url, absent) {
  const { document } = parseHTML(html);
  for (const name of ['createElement', 'createElementNS']) {
    const original = document[name];
    document[name] = function create(...args) {
      const foreign = kForeign[args.at(name === 'createElement' ? 0 : 1)];
      if (foreign) absent.touch(foreign);
      return original.apply(document, args);
    };
  }
  for (const [tag, name] of Object.entries(kForeign)) if (document.querySelector(tag)) absent.touch(name);
  for (const [name, value] of Object.entries({ URL: url, documentURI: url, baseURI: url, readyState: 'loading', hidden: false })) {
    Object.defineProperty(document, name, { value, configurable: true, writable: true });
  }
  return document;
}

/** Runs the scripts of the document as a browser does; what they throw goes to onError. */
export async function runScripts(document, { url, onError }) {
  for (const element of document.querySelectorAll('script')) {
    const type = element.getAttribute('type') ?? '';
    if (!/^$|javascript|ecmascript/i.test(type)) throw new Error(`scripts of type '${type}' are not run`);
    const source = element.getAttribute('src');
    const address = source === null ? url : new URL(source, url).href;
    const text = source === null ? element.textContent : await fetchText(address);
    Object.defineProperty(document, 'currentScript', { value: element, configurable: true });
    try {
      vm.runInThisContext(text, { filename: address });
    } catch (error) {
      onError(error);
    }
  }
  Object.defineProperty(document, 'currentScript', { value: null, configurable: true });
}

async function fetchText(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status} ${response.statusText}`);
  return response.text();
}
