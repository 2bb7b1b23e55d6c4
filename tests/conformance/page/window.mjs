// Makes this process's global scope enough of a window for the tests.

import { XMLHttpRequest } from './xml_http_request.mjs';

const define = (values) => {
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true, enumerable: true });
  }
};

/** Installs window, self, location, events and requests relative to the page at this URL. */
export function installWindow(url, absent) {
  const target = new EventTarget();
  const nodeFetch = fetch;
  define({
    window: globalThis, self: globalThis, parent: globalThis, top: globalThis, frames: globalThis, opener: null,
    location: new URL(url), isSecureContext: true, crossOriginIsolated: true, name: '',
    addEventListener: target.addEventListener.bind(target),
    removeEventListener: target.removeEventListener.bind(target),
    dispatchEvent: target.dispatchEvent.bind(target),
    Window: function Window() {},
    navigator: { userAgent: 'Backline', get mediaDevices() { absent.touch('MediaStream'); } },
    fetch: (input, options) => nodeFetch(typeof input === 'string' ? new URL(input, url) : input, options),
    XMLHttpRequest,
    requestAnimationFrame: (callback) => setTimeout(() => callback(performance.now()), 1000 / 60),
    cancelAnimationFrame: clearTimeout,
  });
}

/** Tells the page of an error nobody caught, as a browser does. */
export function reportError(error) {
  const event = new Event('error', { cancelable: true });
  dispatchEvent(Object.assign(event, { error, message: `Uncaught ${error?.name}: ${error?.message}`, filename: '', lineno: 0, colno: 0 }));
}

/** Tells the page of a rejection nobody handled. */
export function reportRejection(reason, promise) {
  dispatchEvent(Object.assign(new Event('unhandledrejection', { cancelable: true }), { reason, promise }));
}
