// https://xhr.spec.whatwg.org/ over fetch(), as far as players that load their samples with it go: asynchronous, no uploads' progress.
import { fetch } from './fetch.js';

const kEvents = ['readystatechange', 'loadstart', 'progress', 'load', 'error', 'abort', 'timeout', 'loadend'];
const kTypes = ['', 'text', 'json', 'arraybuffer', 'blob'];

export class XMLHttpRequest extends EventTarget {
  static UNSENT = 0;
  static OPENED = 1;
  static HEADERS_RECEIVED = 2;
  static LOADING = 3;
  static DONE = 4;

  readyState = 0;
  status = 0;
  statusText = '';
  responseURL = '';
  response = '';
  timeout = 0;
  withCredentials = false;
  #request;
  #headers;
  #answered;
  #aborter;
  #type = '';

  constructor() {
    super();
    // Event handler attributes: the newest function is called, after the listeners that were there before the first.
    for (const type of kEvents) {
      let handler = null;
      const call = (event) => handler?.call(this, event);
      Object.defineProperty(this, `on${type}`, {
        get: () => handler,
        set: (value) => {
          if (handler === null) this.addEventListener(type, call);
          handler = typeof value === 'function' ? value : null;
          if (handler === null) this.removeEventListener(type, call);
        },
      });
    }
  }

  get responseType() { return this.#type; }
  set responseType(type) { if (kTypes.includes(type)) this.#type = type; }
  get responseText() { return typeof this.response === 'string' ? this.response : ''; }

  open(method, url, async = true) {
    if (!async) throw new DOMException('XMLHttpRequest.open: only asynchronous requests are made', 'InvalidAccessError');
    this.#aborter?.abort();
    this.#request = { method: `${method}`, url: `${url}` };
    this.#headers = new Headers();
    this.#answered = undefined;
    this.#become(1);
  }

  setRequestHeader(name, value) {
    if (this.readyState !== 1 || this.#aborter) throw new DOMException('XMLHttpRequest.setRequestHeader: it is not open', 'InvalidStateError');
    this.#headers.append(name, value);
  }

  getResponseHeader(name) { return this.#answered?.get(name) ?? null; }
  getAllResponseHeaders() { return [...this.#answered ?? []].map(([name, value]) => `${name}: ${value}\r\n`).join(''); }

  send(body = null) {
    if (this.readyState !== 1 || this.#aborter) throw new DOMException('XMLHttpRequest.send: it is not open', 'InvalidStateError');
    this.#run(this.#aborter = new AbortController(), body);
  }

  abort() {
    const aborter = this.#aborter;
    this.#aborter = undefined;
    aborter?.abort();
    if (aborter) this.#end('abort');
    this.readyState = 0;
  }

  async #run(aborter, body) {
    const { method, url } = this.#request;
    const timer = this.timeout > 0 ? setTimeout(() => { this.#aborter = undefined; aborter.abort(); this.#end('timeout'); }, this.timeout) : undefined;
    this.#say('loadstart');
    try {
      const answer = await fetch(url, { method, body, headers: this.#headers, signal: aborter.signal });
      if (this.#aborter !== aborter) return;
      Object.assign(this, { status: answer.status, statusText: answer.statusText, responseURL: answer.url });
      this.#answered = answer.headers;
      this.#become(2);
      this.#become(3);
      const response = await this.#read(answer);
      if (this.#aborter !== aborter) return;
      this.response = response;
      this.#aborter = undefined;
      this.#end('load');
    } catch {
      if (this.#aborter !== aborter) return;
      this.#aborter = undefined;
      this.#end('error');
    } finally {
      clearTimeout(timer);
    }
  }

  #read(answer) {
    switch (this.#type) {
      case 'arraybuffer': return answer.arrayBuffer();
      case 'blob': return answer.blob();
      case 'json': return answer.json().catch(() => null);
      default: return answer.text();
    }
  }

  #end(how) {
    if (how !== 'load') Object.assign(this, { status: 0, statusText: '', response: this.#type === '' || this.#type === 'text' ? '' : null });
    this.#become(4);
    this.#say(how);
    this.#say('loadend');
  }

  #become(state) {
    this.readyState = state;
    this.dispatchEvent(new Event('readystatechange'));
  }

  #say(type) { this.dispatchEvent(new Event(type)); }
}
