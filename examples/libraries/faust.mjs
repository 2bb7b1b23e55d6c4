// Faust: a string, compiled to WebAssembly here, that sounds in a worklet. Play it with ./run play examples/libraries/faust.mjs
import 'backline/polyfill';
import { fileURLToPath } from 'node:url';
import { FaustCompiler, FaustMonoDspGenerator, LibFaust, instantiateFaustModuleFromFile } from '@grame/faustwasm/dist/esm/index.js';

/// The compiler reads its own files as Node does only where there is no window.
async function compiler() {
  const { window } = globalThis;
  delete globalThis.window;
  try {
    const file = fileURLToPath(new URL('../../libfaust-wasm/libfaust-wasm.js', import.meta.resolve('@grame/faustwasm')));
    return new FaustCompiler(new LibFaust(await instantiateFaustModuleFromFile(file)));
  } finally {
    globalThis.window = window;
  }
}

const string = new FaustMonoDspGenerator();
await string.compile(await compiler(), 'string', `
  import("stdfaust.lib");
  freq = hslider("freq", 220, 50, 2000, 0.01);
  process = no.noise * en.ar(0.001, 0.01, button("gate")) : +~(de.fdelay4(4096, ma.SR / freq - 1.5) : fi.lowpass(1, 6000) : *(0.995));`, '-I libraries/');

const context = new AudioContext();
const node = await string.createNode(context);
node.connect(new GainNode(context, { gain: 0.8 })).connect(context.destination);

for (const frequency of [220, 277.18, 329.63, 440]) {
  node.setParamValue('/string/freq', frequency);
  node.setParamValue('/string/gate', 1);
  await new Promise((resolve) => { setTimeout(resolve, 100); });
  node.setParamValue('/string/gate', 0);
  await new Promise((resolve) => { setTimeout(resolve, 500); });
}
await context.close();
