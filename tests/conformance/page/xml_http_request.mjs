// XMLHttpRequest as far as the tests go with it: an asynchronous GET, whole, over fetch.

export class XMLHttpRequest extends EventTarget {
  responseType = '';
  response = null;
  status = 0;
  statusText = '';
  readyState = 0;
  onload = null;
  onerror = null;
  #url;

  open(method, url) {
    if (method.toUpperCase() !== 'GET') throw new TypeError(`XMLHttpRequest: ${method} is not supported`);
    this.#url = url;
    this.readyState = 1;
  }

  async send() {
    let type = 'load';
    try {
      const answer = await fetch(this.#url);
      this.status = answer.status;
      this.statusText = answer.statusText;
      this.response = this.responseType === 'arraybuffer' ? await answer.arrayBuffer() : await answer.text();
    } catch {
      type = 'error';
    }
    this.readyState = 4;
    const event = new Event(type);
    this[`on${type}`]?.(event);
    this.dispatchEvent(event);
  }

  get responseText() { return String(this.response ?? ''); }
}
