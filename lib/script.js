// script.node: what needs V8's own interface (structured clone for the audio thread, worklets rendered in this process).
import { loadAddon } from './build.js';

let module;
let prepare = () => {};

/// script.node, loaded at its first use.
export function script() {
  if (!module) {
    module = loadAddon('script.node');
    prepare(module);
  }
  return module;
}

/// What is to be done with it when it has been loaded.
export function prepareScript(action) {
  prepare = action;
}

/// Uses another object in place of script.node. For tests.
export function setScript(replacement) {
  module = replacement;
}
