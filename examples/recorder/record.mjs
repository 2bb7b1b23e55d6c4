// The same recorder in Node: node examples/recorder/record.mjs FILE.wav [SECONDS] [DEVICE]
import 'backline/polyfill';
import { readFile, writeFile } from 'node:fs/promises';
import { transform } from 'esbuild';

const [, , path, seconds = '5', deviceId] = process.argv;
if (!path) {
  console.error('usage: node examples/recorder/record.mjs FILE.wav [SECONDS] [DEVICE]');
  process.exit(1);
}
const source = await readFile(new URL('src/recorder.ts', import.meta.url), 'utf8');
const { code } = await transform(source, { loader: 'ts', target: 'es2022' });
const { Recorder } = await import(`data:text/javascript,${encodeURIComponent(code)}`);

const recorder = await Recorder.start(deviceId ? { deviceId: { exact: deviceId } } : {});
await new Promise((resolve) => { setTimeout(resolve, 1000 * seconds); });
const file = await recorder.stop();
await writeFile(path, Buffer.from(await file.arrayBuffer()));
console.log(`${path}: ${recorder.chunks.length} chunks at ${recorder.context.sampleRate} Hz`);
