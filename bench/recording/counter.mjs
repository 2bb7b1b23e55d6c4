// A signal of which each frame tells its own number, and what is left of it in a file.
import { openSync, readSync, closeSync, fstatSync } from 'node:fs';

const kFullScale = 2 ** 23;   // numbers below it are exact in a float, and below full scale

/** An AudioBuffer of the numbers from 1 on. */
export function counterBuffer(context, seconds) {
  const length = Math.min(kFullScale - 1, Math.ceil(seconds * context.sampleRate));
  const buffer = context.createBuffer(1, length, context.sampleRate);
  buffer.copyToChannel(Float32Array.from({ length }, (_, i) => (i + 1) / kFullScale), 0);
  return buffer;
}

/** The first channel of a WAV or RF64 file of floats, as numbers; 0 is silence. */
export function numbersIn(path) {
  const file = openSync(path);
  try {
    const bytes = Buffer.alloc(fstatSync(file).size);
    for (let at = 0; at < bytes.length;) at += readSync(file, bytes, at, Math.min(2 ** 30, bytes.length - at), at);
    let channels = 0;
    for (let at = 12; at + 8 <= bytes.length;) {
      const id = bytes.toString('latin1', at, at + 4), size = bytes.readUInt32LE(at + 4);
      if (id === 'fmt ') channels = bytes.readUInt16LE(at + 10);
      if (id === 'data') {
        const frames = Math.floor(Math.min(size, bytes.length - at - 8) / 4 / channels);
        return Float64Array.from({ length: frames }, (_, i) => bytes.readFloatLE(at + 8 + i * 4 * channels) * kFullScale);
      }
      at += 8 + size + size % 2;
    }
    throw new Error(`${path} holds no sound`);
  } finally {
    closeSync(file);
  }
}

/** How numbers follow one another: those that are missing between two, those that come again, those that are none. */
export function judge(numbers) {
  const first = numbers.findIndex((number) => number !== 0), end = numbers.findLastIndex((number) => number !== 0) + 1;
  const verdict = { frames: Math.max(0, end - first), first: numbers[first] ?? 0, last: numbers[end - 1] ?? 0, missing: 0, twice: 0, silent: 0, strange: 0 };
  let before = verdict.first - 1;
  for (let i = Math.max(first, 0); i < end; i++) {
    const number = numbers[i];
    if (number === 0) verdict.silent++;
    else if (!Number.isInteger(number)) verdict.strange++;
    else {
      if (number > before + 1) verdict.missing += number - before - 1;
      if (number <= before) verdict.twice++;
      before = Math.max(before, number);
    }
  }
  return verdict;
}

/** Frames of a recording that are not those which a tap of the same device holds, from the first common one on. */
export function differences(recorded, tapped) {
  const at = recorded.findIndex((number) => number !== 0);
  const from = tapped.indexOf(recorded[at]);
  if (at < 0 || from < 0) return { compared: 0, different: recorded.length };
  const compared = Math.min(recorded.length - at, tapped.length - from);
  let different = 0;
  for (let i = 0; i < compared; i++) different += recorded[at + i] !== tapped[from + i] ? 1 : 0;
  return { compared, different };
}
