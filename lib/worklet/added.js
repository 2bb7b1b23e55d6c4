import { EventEmitter } from 'node:events';

/// Emits 'module' after each addModule() that succeeded, with {context: an impl, url, graph: [{url, source}…] of the module and of all that it
/// imports, replace: () => a promise of its replacement by what is there now}.
export const added = new EventEmitter();
