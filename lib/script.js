// script.node: what needs V8's own interface (structured clone for the audio thread, worklets rendered in this process).
import { loadAddon } from './build.js';

let module;

/// script.node, loaded at its first use.
export function script() {
  return module ??= loadAddon('script.node');
}

/// Uses another object in place of script.node. For tests.
export function setScript(replacement) {
  module = replacement;
}
