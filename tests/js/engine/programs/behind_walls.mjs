// Plays through a render host that has a native probe in it (probed_host.mjs).
import { fileURLToPath } from 'node:url';

import { loadAddon } from '../../../../lib/build.js';
import { setNative } from '../../../../lib/native.js';
import { settings } from '../../../../lib/settings.js';

settings.device = 'virtual';
const addon = loadAddon('backline.node');
const host = fileURLToPath(new URL('probed_host.mjs', import.meta.url));
setNative(Object.assign(Object.create(addon), {
  initialize: (options) => addon.initialize({ ...options, renderCommand: [...options.renderCommand.slice(0, -1), host] }),
}));
const { AudioContext, AudioWorkletNode } = await import('../../../../lib/index.js');

const context = new AudioContext();
await context.resume();
for (let i = 0; i < 4; ++i) {
  await context.audioWorklet.addModule(`data:text/javascript,${encodeURIComponent(`
    const bytes = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 2, 127, 127, 1, 127, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 9, 1, 7, 0, 32, 0, 32, 1, 106, 11]);
    const { instance } = await WebAssembly.instantiate(bytes);
    registerProcessor('busy-${i}', class extends AudioWorkletProcessor {
      n = 0;
      kept = [];
      process(inputs, [[x]]) {
        for (let k = 0; k < 128; ++k) x[k] = Math.sin(instance.exports.f(this.n++, k) / 10);
        this.kept.push(Array.from({ length: 200 }, (_, i) => ({ i, day: new Date(i).getDay() })));
        if (this.kept.length > 100) this.kept.length = 0;
        if (currentFrame > 48000) this.port.postMessage('done');
        return true;
      }
    });
    // ${'x'.repeat(40000)}`)}`);
  const node = new AudioWorkletNode(context, `busy-${i}`);
  node.connect(context.destination);
  await new Promise((done) => { node.port.onmessage = done; });
}
await context.close();
console.log('played behind walls');
