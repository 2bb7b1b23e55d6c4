// Worker as far as the tests go with it: a classic script from a URL, messages both ways.

import { resolveObjectURL } from 'node:buffer';
import { Worker as Thread } from 'node:worker_threads';
import { fetchText } from './modules.mjs';

const kScope = `
const { parentPort } = require('node:worker_threads');
globalThis.self = globalThis;
globalThis.postMessage = (message, transfer) => parentPort.postMessage(message, transfer);
parentPort.on('message', (data) => globalThis.onmessage?.(Object.assign(new Event('message'), { data })));
`;

const textAt = (url) => (url.startsWith('blob:') ? resolveObjectURL(url).text() : fetchText(url));

export class Worker extends EventTarget {
  onmessage = null;
  onerror = null;
  #thread;

  constructor(url) {
    super();
    this.#thread = textAt(new URL(url, globalThis.location).href).then((text) => {
      const thread = new Thread(`${kScope}require('node:vm').runInThisContext(${JSON.stringify(text)});`, { eval: true });
      thread.on('message', (data) => this.#tell('message', { data }));
      thread.on('error', (error) => this.#tell('error', { error, message: error.message }));
      thread.unref();
      return thread;
    });
  }

  // What is transferred leaves at once, though the thread may still be starting.
  postMessage(message, transfer = []) {
    const copy = structuredClone(message, { transfer });
    this.#thread.then((thread) => thread.postMessage(copy));
  }

  terminate() { this.#thread.then((thread) => thread.terminate()); }

  #tell(type, members) {
    const event = Object.assign(new Event(type), members);
    this[`on${type}`]?.(event);
    this.dispatchEvent(event);
  }
}
