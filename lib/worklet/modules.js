// The modules of one worklet: each fetched once, with everything it imports statically.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { init, parse } from 'es-module-lexer';

export class ModuleMap {
  #modules = new Map();   // URL → promise of {url, source, imports: [[specifier, url]…]}

  /// The module at a URL and all that it imports, itself first. Rejects with an AbortError for what cannot be fetched,
  /// with a TypeError for a specifier that is no URL.
  async graphOf(root) {
    await init;
    const found = new Map();
    let next = [{ url: root }];
    while (next.length) {
      const fresh = next.filter(({ url }) => !found.has(url) && found.set(url, null));
      const modules = await Promise.all(fresh.map(({ url, importer }) => this.#module(url, importer)));
      for (const module of modules) found.set(module.url, module);
      next = modules.flatMap((module) => module.imports.map(([, url]) => ({ url, importer: module.url })));
    }
    return [...found.values()];
  }

  /// From here on these modules are as another map has fetched them.
  takeFrom(other) {
    for (const [url, module] of other.#modules) this.#modules.set(url, module);
  }

  // What failed is not kept, so that a file can be mended and added again.
  #module(url, importer) {
    if (!this.#modules.has(url)) {
      const module = fetchModule(url, importer);
      this.#modules.set(url, module);
      module.catch(() => this.#modules.delete(url));
    }
    return this.#modules.get(url);
  }
}

async function fetchModule(url, importer) {
  let source;
  try {
    source = await read(new URL(url));
  } catch (error) {
    const place = importer ? `, imported by ${shown(importer)}` : '';
    throw new DOMException(`Cannot load the module ${shown(url)}${place}: ${reason(error)}`, 'AbortError');
  }
  return { url, source, imports: importsOf(source, url) };
}

async function read(url) {
  if (url.protocol === 'file:') return new TextDecoder().decode(await readFile(fileURLToPath(url)));
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the server answered ${response.status} ${response.statusText}`);
  const type = response.headers.get('content-type') ?? '';
  if (url.protocol.startsWith('http') && !/^(text|application)\/(x-)?(java|ecma)script\b/i.test(type)) {
    throw new Error(`it is of type '${type}', not JavaScript`);
  }
  return response.text();
}

const kReasons = { ENOENT: 'there is no such file', EISDIR: 'it is a directory', EACCES: 'permission denied' };

const reason = (error) => kReasons[error.code] ?? error.cause?.message ?? error.message;

const shown = (url) => (url.length > 200 ? `${url.slice(0, 200)}…` : url);

function importsOf(source, url) {
  let imports;
  try {
    [imports] = parse(source, url);
  } catch {
    return [];   // a syntax error, which V8 will tell better when it compiles the module
  }
  const specifiers = imports.filter(({ type }) => type === 'static' || type === 'reexport-star').map(({ specifier }) => specifier);
  return [...new Set(specifiers)].map((specifier) => [specifier, resolve(specifier, url)]);
}

function resolve(specifier, importer) {
  try {
    return new URL(specifier, /^\.{0,2}\//.test(specifier) ? importer : undefined).href;
  } catch {
    throw new TypeError(`Failed to resolve the module specifier '${specifier}' in ${shown(importer)}: it has to be a URL, or to ` +
      "start with '/', './' or '../'.");
  }
}
