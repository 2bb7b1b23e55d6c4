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

/** What was recorded without the silence that stands for gaps, [{frame, frames}]. */
export function withoutGaps(numbers, gaps) {
  const kept = [];
  let at = 0;
  for (const { frame, frames } of gaps) {
    kept.push(numbers.subarray(at, frame));
    at = frame + frames;
  }
  kept.push(numbers.subarray(at));
  const all = new Float64Array(kept.reduce((sum, part) => sum + part.length, 0));
  let to = 0;
  for (const part of kept) {
    all.set(part, to);
    to += part.length;
  }
  return all;
}

const kRun = 64;   // frames that follow one another are no accident

/**
 * How the numbers of a counter follow one another, from the first to the last: those that are missing, or come again, where one run of them meets
 * another; and frames that are in no run, because what was played had faded or was silent there.
 */
export function judge(numbers) {
  const runs = [];
  for (let i = 0, begin = 0; i < numbers.length; i++) {
    if (i + 1 < numbers.length && numbers[i] !== 0 && numbers[i + 1] === numbers[i] + 1) continue;
    if (numbers[begin] !== 0 && i + 1 - begin >= kRun) runs.push({ begin, end: i + 1, first: numbers[begin], last: numbers[i] });
    begin = i + 1;
  }
  const verdict = { frames: 0, first: 0, last: 0, missing: 0, twice: 0, disturbed: 0 };
  if (!runs.length) return verdict;
  Object.assign(verdict, { frames: runs.at(-1).end - runs[0].begin, first: runs[0].first, last: runs.at(-1).last });
  for (let r = 1; r < runs.length; r++) {
    const between = runs[r].begin - runs[r - 1].end, jump = runs[r].first - runs[r - 1].last - 1;
    verdict.disturbed += between;
    if (between === 0) verdict[jump > 0 ? 'missing' : 'twice'] += Math.abs(jump);
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
