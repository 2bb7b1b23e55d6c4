// Float WAV files: a 32-bit IEEE float "fmt " chunk with its "fact" chunk, then interleaved frames.

import { open, rename, rm } from 'node:fs/promises';
import { Failure } from './failure.mjs';

const kHeaderBytes = 58;
const kFormatFloat = 3;
const kFramesAtATime = 16384;

function header(channels, sampleRate, frames) {
  const dataBytes = frames * channels * 4;
  const bytes = Buffer.alloc(kHeaderBytes);
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(kHeaderBytes - 8 + dataBytes, 4);
  bytes.write('WAVEfmt ', 8, 'latin1');
  bytes.writeUInt32LE(18, 16);
  bytes.writeUInt16LE(kFormatFloat, 20);
  bytes.writeUInt16LE(channels, 22);
  bytes.writeUInt32LE(sampleRate, 24);
  bytes.writeUInt32LE(sampleRate * channels * 4, 28);
  bytes.writeUInt16LE(channels * 4, 32);
  bytes.writeUInt16LE(32, 34);
  bytes.write('fact', 38, 'latin1');
  bytes.writeUInt32LE(4, 42);
  bytes.writeUInt32LE(frames, 46);
  bytes.write('data', 50, 'latin1');
  bytes.writeUInt32LE(dataBytes, 54);
  return bytes;
}

function interleave(channels, start, end) {
  const frames = new Float32Array((end - start) * channels.length);
  channels.forEach((channel, c) => {
    for (let i = start, o = c; i < end; ++i, o += channels.length) frames[o] = channel[i];
  });
  return new Uint8Array(frames.buffer);
}

/**
 * A WAV file that appears under its name only when it is whole. Opening it early shows that the place can be written to.
 * Throws Failure naming the file.
 */
export class WavFile {
  static async create(path) {
    const partial = `${path}.${process.pid}.partial`;
    try {
      return new WavFile(path, partial, await open(partial, 'wx'));
    } catch (error) {
      throw new Failure(`cannot write ${path}: ${error.message}`);
    }
  }

  constructor(path, partial, file) {
    this.path = path;
    this.partial = partial;
    this.file = file;
  }

  /** `audio`: anything with an AudioBuffer's attributes and getChannelData. */
  async write(audio) {
    const { numberOfChannels, sampleRate, length } = audio;
    const channels = Array.from({ length: numberOfChannels }, (_, c) => audio.getChannelData(c));
    if (length * numberOfChannels * 4 + kHeaderBytes > 0xffffffff) {
      throw new Failure(`${this.path} would be larger than the 4 GB a WAV file can hold`);
    }
    try {
      await this.file.writeFile(header(numberOfChannels, sampleRate, length));
      for (let start = 0; start < length; start += kFramesAtATime) {
        await this.file.writeFile(interleave(channels, start, Math.min(start + kFramesAtATime, length)));
      }
      await this.file.close();
      await rename(this.partial, this.path);
    } catch (error) {
      throw new Failure(`cannot write ${this.path}: ${error.message}`);
    }
  }

  /** Leaves nothing behind; a file written whole stays. */
  async discard() {
    await this.file.close().catch(() => {});
    await rm(this.partial, { force: true });
  }
}
