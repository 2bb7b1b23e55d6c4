// fetch() for files too, and for URLs relative to the program.
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { getBaseURL } from '../settings.js';

const original = globalThis.fetch;

/// https://fetch.spec.whatwg.org/#fetch-method. A file that cannot be read rejects with a TypeError, as a host that cannot be reached does.
export async function fetch(input, init = undefined) {
  if (typeof input !== 'string' && !(input instanceof URL)) return original(input, init);
  const url = URL.canParse(input, getBaseURL()) ? new URL(input, getBaseURL()) : input;
  if (url.protocol !== 'file:') return original(url, init);
  init?.signal?.throwIfAborted();
  try {
    return await fetchFile(url);
  } catch (cause) {
    throw new TypeError(`fetch failed: ${url.href}: ${cause.message}`, { cause });
  }
}

async function fetchFile(url) {
  const file = await open(fileURLToPath(url));
  const { size } = await file.stat().then((stat) => {
    if (!stat.isFile()) throw new Error('it is no file');
    return stat;
  }).catch((error) => file.close().then(() => { throw error; }));
  const response = new Response(Readable.toWeb(file.createReadStream()), { headers: { 'content-length': `${size}` } });
  Object.defineProperty(response, 'url', { value: url.href });
  return response;
}
