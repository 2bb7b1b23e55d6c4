// Makes the interfaces globals, as they are in a browser, so that code written for one runs unchanged.
import * as interfaces from './index.js';

for (const [name, value] of Object.entries(interfaces)) {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
}
