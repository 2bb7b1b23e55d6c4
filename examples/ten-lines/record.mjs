// Records two seconds of the microphone into a WAV file: node examples/ten-lines/record.mjs take.wav
import { writeFile } from 'node:fs/promises';
import { AudioContext, AudioWorkletNode, mediaDevices } from 'backline';

const context = new AudioContext({ sinkId: { type: 'none' } });
const source = context.createMediaStreamSource(await mediaDevices.getUserMedia({ audio: true }));
await context.audioWorklet.addModule(`data:text/javascript,registerProcessor('tap', class extends AudioWorkletProcessor {
  process([[samples]]) { if (samples) this.port.postMessage(samples.slice()); return true; } });`);
const tap = new AudioWorkletNode(context, 'tap'), chunks = [];
tap.port.onmessage = ({ data }) => chunks.push(data);
source.connect(tap);
await new Promise((resolve) => { setTimeout(resolve, 2000); });
await context.close();

const data = Buffer.concat(chunks.map((chunk) => Buffer.from(chunk.buffer))), head = Buffer.alloc(44);
head.write('RIFF    WAVEfmt ');   // what follows: 16 bytes that say floats, one channel, their rate; then the samples
[36 + data.length, 16, 3 | 1 << 16, context.sampleRate, context.sampleRate * 4, 4 | 32 << 16, 0, data.length]
  .forEach((value, i) => head.writeUInt32LE(value, [4, 16, 20, 24, 28, 32, 36, 40][i]));
head.write('data', 36);
await writeFile(process.argv[2], Buffer.concat([head, data]));
console.log(`${process.argv[2]}: ${(data.length / 4 / context.sampleRate).toFixed(1)} s`);
process.exit();   // and the microphone is let go of
