// The native module behind the interfaces: loaded and initialized at its first use.
import { join } from 'node:path';

import { buildDirectory, loadAddon, root } from './build.js';
import { dispatch } from './events.js';
import { serveInspection } from './inspect/inspector.js';
import { devicesChanged } from './media/devices.js';
import { script } from './script.js';
import { settings } from './settings.js';

const kPagesAMegabyte = 16;   // WebAssembly's pages are of 64 KiB

let module;

/// backline.node, ready to use.
export function native() {
  return module ?? initialize(loadAddon('backline.node'));
}

/// Uses another object in place of backline.node. For tests; before anything is made.
export function setNative(replacement) {
  return initialize(replacement);
}

function initialize(candidate) {
  candidate.initialize({
    root,
    device: settings.device,
    input: settings.input,
    tap: settings.tap,
    tapSeconds: settings.tapSeconds,
    programName: settings.programName,
    logPerformance: settings.logPerformance,
    renderCommand: [join(buildDirectory(), 'backline-node'), process.execPath, '--single-threaded-gc', `--wasm-max-mem-pages=${kPagesAMegabyte * settings.workletBuffers}`, join(root, 'lib', 'host.mjs')],
    audioCommand: [join(buildDirectory(), 'backline-audio')],
    decodeCommand: [join(buildDirectory(), 'backline-decode')],
    spareHost: settings.spareHost,
    hangLimit: settings.hangLimit,
    sharedMemory: script().sharedMemory,
    inspect: settings.inspect && serveInspection,
    onEvent: dispatch,
    onDevicesChanged: devicesChanged,
    makeDOMException: (message, name) => new DOMException(message, name),
  });
  module = candidate;
  return module;
}
