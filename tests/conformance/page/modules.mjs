// Module scripts of a page: fetched, linked and run in this process's global scope.

import vm from 'node:vm';

const kModules = new Map();   // URL → promise of vm.SourceTextModule

/** Runs the module script at a URL, or one whose text stands in the page. Rejects with what it throws. */
export async function runModule(url, text) {
  const module = text === undefined ? await moduleAt(url) : makeModule(url, text);
  await linked(module);
  await module.evaluate();
  return module;
}

function moduleAt(url) {
  if (!kModules.has(url)) kModules.set(url, fetchText(url).then((text) => makeModule(url, text)));
  return kModules.get(url);
}

function makeModule(url, text) {
  return new vm.SourceTextModule(text, {
    identifier: url,
    initializeImportMeta: (meta) => { meta.url = url; },
    importModuleDynamically: importFrom,
  });
}

const linked = (module) => (module.status === 'unlinked' ? module.link(resolved) : undefined);

const resolved = (specifier, { identifier }) => moduleAt(new URL(specifier, identifier).href);

/** import() in a script; `referrer` is the script's URL or the module. */
export function importFrom(specifier, referrer) {
  return runModule(new URL(specifier, referrer.identifier ?? referrer).href);
}

/** The text at a URL; rejects where there is none. */
export async function fetchText(url) {
  const response = await fetch(url);
  if (!response.ok) throw new TypeError(`${url}: ${response.status} ${response.statusText}`);
  return response.text();
}
