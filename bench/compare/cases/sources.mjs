import { gain, loop, oscillator, toneBuffer } from './material.mjs';

export default [
  {
    name: 'source', seconds: 120,
    build(context) { loop(context, toneBuffer(context, { channels: 2, seconds: 4 })).connect(context.destination); },
  },
  {
    name: 'source, 44.1 → 48 kHz', seconds: 60,
    build(context) { loop(context, toneBuffer(context, { channels: 2, seconds: 4, rate: 44100 })).connect(context.destination); },
  },
  {
    name: '16 sources, each at a rate of its own', seconds: 10,
    build(context) {
      const buffer = toneBuffer(context, { seconds: 4 }), bus = gain(context, 1 / 16);
      for (let i = 0; i < 16; ++i) loop(context, buffer, { rate: 0.7 + i * 0.05 }).connect(bus);
      bus.connect(context.destination);
    },
  },
  {
    name: 'mix of 100 sources', seconds: 20,
    build(context) {
      const buffers = Array.from({ length: 10 }, (_, i) => toneBuffer(context, { channels: 2, seed: i + 1 }));
      const bus = gain(context, 0.01);
      for (let i = 0; i < 100; ++i) loop(context, buffers[i % 10]).connect(bus);
      bus.connect(context.destination);
    },
  },
  {
    name: 'gain matrix, 16 × 16', seconds: 20,
    build(context) {
      const buses = Array.from({ length: 16 }, () => gain(context, 1 / 16));
      for (const bus of buses) bus.connect(context.destination);
      for (let i = 0; i < 16; ++i) {
        const source = loop(context, toneBuffer(context, { seed: i + 1 }));
        buses.forEach((bus, j) => source.connect(gain(context, ((i * 7 + j * 3) % 16) / 32)).connect(bus));
      }
    },
  },
  {
    name: 'granular, 200 grains a second', seconds: 10,
    build(context, seconds) {
      const buffer = toneBuffer(context, { seconds: 4 });
      for (let i = 0; i < seconds * 200; ++i) {
        const at = i / 200, length = 0.08;
        const source = context.createBufferSource();
        source.buffer = buffer;
        source.playbackRate.value = 0.5 + ((i * 37) % 100) / 100;
        const level = gain(context, 0);
        level.gain.setValueAtTime(0, at);
        level.gain.linearRampToValueAtTime(0.05, at + length / 2);
        level.gain.linearRampToValueAtTime(0, at + length);
        source.connect(level).connect(context.destination);
        source.start(at, ((i * 53) % 300) / 100, length * 2);
        source.stop(at + length);
      }
    },
  },
  {
    name: 'overlapping notes with envelopes', seconds: 5,
    build(context, seconds) {
      for (let i = 0; i < seconds * 50; ++i) {
        const at = i / 50;
        const note = context.createOscillator(), level = gain(context, 0);
        note.type = ['sawtooth', 'square', 'triangle'][i % 3];
        note.frequency.value = 110 * 2 ** (((i * 5) % 24) / 12);
        level.gain.setValueAtTime(0, at);
        level.gain.linearRampToValueAtTime(0.05, at + 0.02);
        level.gain.setTargetAtTime(0.02, at + 0.02, 0.1);
        level.gain.setTargetAtTime(0, at + 0.6, 0.08);
        note.connect(level).connect(context.destination);
        note.start(at);
        note.stop(at + 1);
      }
    },
  },
  {
    name: '200 oscillators', seconds: 10,
    build(context) {
      const bus = gain(context, 0.005);
      for (let i = 0; i < 200; ++i) oscillator(context, ['sine', 'sawtooth', 'square', 'triangle'][i % 4], 55 + i * 11.3).connect(bus);
      bus.connect(context.destination);
    },
  },
  {
    name: '256 voices', seconds: 5,
    build(context) {
      const bus = gain(context, 1 / 64);
      for (let i = 0; i < 256; ++i) {
        const filter = context.createBiquadFilter(), panner = context.createStereoPanner(), level = gain(context, 0.5);
        filter.frequency.value = 300 + i * 20;
        panner.pan.value = i / 128 - 1;
        oscillator(context, i % 2 ? 'sawtooth' : 'square', 50 + i * 3.7).connect(filter).connect(level).connect(panner).connect(bus);
      }
      bus.connect(context.destination);
    },
  },
  {
    name: '20,000 automation events', seconds: 20,
    build(context, seconds) {
      // On no frame, about whose side of it engines might not agree.
      const level = gain(context, 0), step = seconds / 20000, between = 0.37 / context.sampleRate;
      for (let i = 0; i < 10000; ++i) {
        level.gain.setValueAtTime((i % 7) / 8, 2 * i * step + between);
        level.gain.linearRampToValueAtTime((i % 5) / 8, (2 * i + 1) * step + between);
      }
      loop(context, toneBuffer(context)).connect(level).connect(context.destination);
    },
  },
];
