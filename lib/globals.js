// Makes the interfaces globals, as they are in a browser, so that code written for one runs unchanged.
import * as interfaces from './index.js';

const { mediaDevices, navigator, ...globals } = interfaces;

for (const [name, value] of Object.entries(globals)) {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
}
// Node's own has what else there is.
if (globalThis.navigator) Object.defineProperty(globalThis.navigator, 'mediaDevices', { value: mediaDevices, configurable: true, enumerable: true });
else Object.defineProperty(globalThis, 'navigator', { value: navigator, writable: true, configurable: true });
