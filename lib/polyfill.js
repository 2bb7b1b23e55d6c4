// What code written for a page looks for: the interfaces as globals, and as much of a window as libraries that make sound ask about. What
// Node or the program has under a name already is left alone.
import './globals.js';
import { document } from './polyfill/document.js';
import { fetch } from './polyfill/fetch.js';
import { cancelAnimationFrame, requestAnimationFrame } from './polyfill/frames.js';
import { XMLHttpRequest } from './polyfill/xml_http_request.js';
import { getBaseURL } from './settings.js';

/// What players look for to find out whom they have to humour: nobody.
const told = { userAgent: `Node.js/${process.versions.node.split('.')[0]}`, appVersion: process.versions.node, vendor: '', platform: process.platform, language: 'en', languages: ['en'] };
const missing = Object.fromEntries(Object.entries(told).filter(([name]) => !(name in navigator)));
if (Object.isExtensible(navigator)) Object.defineProperties(navigator, Object.getOwnPropertyDescriptors(missing));
else Object.defineProperty(globalThis, 'navigator', { value: { ...navigator, ...missing }, writable: true, configurable: true });

const events = new EventTarget();
const names = {
  window: globalThis,
  self: globalThis,
  isSecureContext: true,
  location: new URL(getBaseURL()),
  document,
  requestAnimationFrame,
  cancelAnimationFrame,
  XMLHttpRequest,
  addEventListener: events.addEventListener.bind(events),
  removeEventListener: events.removeEventListener.bind(events),
  dispatchEvent: events.dispatchEvent.bind(events),
};

for (const [name, value] of Object.entries(names)) {
  if (!(name in globalThis)) Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: true });
}
// Node's own knows neither files nor names relative to the program.
Object.defineProperty(globalThis, 'fetch', { value: fetch, writable: true, configurable: true, enumerable: true });
