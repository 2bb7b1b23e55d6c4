// Sound files for tests, made here.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/// The bytes of a WAV file of 32-bit floats: samples(frame, channel).
export function wavBytes(frames, { channels = 1, sampleRate = 48000, samples = () => 0 } = {}) {
  const data = frames * channels * 4;
  const bytes = Buffer.alloc(44 + data);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(36 + data, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(3, 20);
  bytes.writeUInt16LE(channels, 22);
  bytes.writeUInt32LE(sampleRate, 24);
  bytes.writeUInt32LE(sampleRate * channels * 4, 28);
  bytes.writeUInt16LE(channels * 4, 32);
  bytes.writeUInt16LE(32, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(data, 40);
  for (let i = 0; i < frames * channels; i++) bytes.writeFloatLE(samples(Math.floor(i / channels), i % channels), 44 + i * 4);
  return bytes;
}

/// A directory for the test, and a function that writes a file into it and gives its path.
export function soundFolder(t) {
  const folder = mkdtempSync(join(tmpdir(), 'backline-sounds-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return (name, bytes) => {
    const path = join(folder, name);
    if (bytes) writeFileSync(path, bytes);
    return path;
  };
}

/// Samples of frames that say where they stand; none of them is 0.
export const numbered = (frame, channel = 0) => Math.fround((((frame * 7 + channel * 3) % 100003) + 1) / 131072);

/// The samples of channel 0 of a float WAV file.
export function readChannel(path) {
  const bytes = readFileSync(path);
  const channels = bytes.readUInt16LE(bytes.indexOf('fmt ') + 10), data = bytes.indexOf('data') + 8;
  const samples = new Float32Array(Math.floor((bytes.length - data) / 4 / channels));
  for (let i = 0; i < samples.length; i++) samples[i] = bytes.readFloatLE(data + i * 4 * channels);
  return samples;
}
