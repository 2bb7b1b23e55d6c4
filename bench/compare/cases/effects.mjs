import { gain, loop, noise, oscillator, toneBuffer } from './material.mjs';

/** `count` nodes in a row from `source` to the destination; `make` gives a node, or the first and the last of some. */
function chain(context, source, count, make) {
  let last = source;
  for (let i = 0; i < count; ++i) {
    const [input, output = input] = [make(i)].flat();
    last.connect(input);
    last = output;
  }
  last.connect(context.destination);
}

const stereo = (context) => loop(context, toneBuffer(context, { channels: 2, seconds: 2 }));

export default [
  {
    name: 'convolution, 4 s stereo', seconds: 20,
    build(context) {
      const frames = 4 * context.sampleRate, response = context.createBuffer(2, frames, context.sampleRate);
      for (let c = 0; c < 2; ++c) response.copyToChannel(noise(frames, c + 1).map((x, i) => x * Math.exp((-6 * i) / frames)), c);
      const convolver = context.createConvolver();
      convolver.buffer = response;
      stereo(context).connect(convolver).connect(context.destination);
    },
  },
  {
    name: 'automated filter', seconds: 30,
    build(context, seconds) {
      const filter = context.createBiquadFilter();
      filter.Q.value = 8;
      filter.frequency.setValueAtTime(100, 0);
      for (let i = 1; i <= 16; ++i) filter.frequency.exponentialRampToValueAtTime(i % 2 ? 8000 : 100, (seconds * i) / 16);
      filter.Q.linearRampToValueAtTime(1, seconds);
      stereo(context).connect(filter).connect(gain(context, 0.1)).connect(context.destination);
    },
  },
  {
    name: '128 biquads', seconds: 10,
    build(context) {
      const types = ['peaking', 'lowshelf', 'highshelf', 'allpass'];
      chain(context, stereo(context), 128, (i) => {
        const filter = context.createBiquadFilter();
        filter.type = types[i % 4];
        filter.frequency.value = 100 + i * 60;
        filter.gain.value = i % 3 - 1;
        return filter;
      });
    },
  },
  {
    name: '16 IIR filters of order 8', seconds: 10,
    build(context) {
      // Four pairs of poles at a radius of 0.8; zeros at ±1.
      const feedback = [0.3, 0.9, 1.6, 2.4].reduce((all, angle) => {
        const pair = [1, -1.6 * Math.cos(angle), 0.64], next = new Array(all.length + 2).fill(0);
        all.forEach((a, i) => pair.forEach((b, j) => { next[i + j] += a * b; }));
        return next;
      }, [1]);
      const source = stereo(context);
      for (let i = 0; i < 16; ++i)
        source.connect(context.createIIRFilter([0.01 + i * 0.001, 0, -0.01], feedback)).connect(gain(context, 1 / 16)).connect(context.destination);
    },
  },
  {
    name: '32 panners, equal power, moving', seconds: 10, needs: ['PannerNode'],
    build(context, seconds) { pan(context, seconds, 32, 'equalpower'); },
  },
  {
    name: '8 panners, HRTF, moving', seconds: 10, needs: ['PannerNode'], open: 'the tables of head-related responses',
    build(context, seconds) { pan(context, seconds, 8, 'HRTF'); },
  },
  {
    name: '8 wave shapers, 4×', seconds: 10, needs: ['WaveShaperNode'], open: 'the filters of the oversampling',
    build(context) {
      const curve = Float32Array.from({ length: 1025 }, (_, i) => Math.tanh((i - 512) / 128));
      chain(context, stereo(context), 8, () => {
        const shaper = context.createWaveShaper();
        shaper.curve = curve;
        shaper.oversample = '4x';
        return shaper;
      });
    },
  },
  {
    name: '8 compressors', seconds: 10, open: 'the shape of knee and release',
    build(context) {
      chain(context, stereo(context), 8, (i) => {
        const compressor = context.createDynamicsCompressor();
        compressor.threshold.value = -20 - i;
        return compressor;
      });
    },
  },
  {
    name: '16 delays with feedback', seconds: 20,
    build(context) {
      const source = stereo(context);
      for (let i = 0; i < 16; ++i) {
        const delay = context.createDelay(1);
        delay.delayTime.value = (2400 + i * 480) / context.sampleRate;   // whole frames
        source.connect(delay).connect(gain(context, 0.5)).connect(delay);
        delay.connect(gain(context, 1 / 16)).connect(context.destination);
      }
    },
  },
  {
    name: '16 modulated delays', seconds: 10,
    build(context) {
      const source = stereo(context);
      for (let i = 0; i < 16; ++i) {
        const delay = context.createDelay(0.1);
        delay.delayTime.value = 0.01 + i * 0.001;
        oscillator(context, 'sine', 0.3 + i * 0.1).connect(gain(context, 0.004)).connect(delay.delayTime);
        source.connect(delay).connect(gain(context, 1 / 16)).connect(context.destination);
      }
    },
  },
  {
    name: '64 analysers', seconds: 10,
    build(context) {
      chain(context, stereo(context), 64, () => context.createAnalyser());
    },
  },
  {
    name: '64 splits and merges', seconds: 10,
    build(context) {
      chain(context, stereo(context), 64, () => {
        const splitter = context.createChannelSplitter(2), merger = context.createChannelMerger(2);
        splitter.connect(merger, 0, 1);
        splitter.connect(merger, 1, 0);
        return [splitter, merger];
      });
    },
  },
  {
    name: 'chain of 500 gains', seconds: 10,
    build(context) { chain(context, stereo(context), 500, (i) => gain(context, i % 2 ? 0.5 : 2)); },
  },
];

function pan(context, seconds, count, panningModel) {
  const bus = gain(context, 1 / count);
  for (let i = 0; i < count; ++i) {
    const panner = context.createPanner();
    panner.panningModel = panningModel;
    panner.positionX.setValueAtTime(-5 + (i % 7), 0);
    panner.positionX.linearRampToValueAtTime(5 - (i % 5), seconds);
    panner.positionZ.value = -1 - i * 0.2;
    loop(context, toneBuffer(context, { seed: (i % 8) + 1 })).connect(panner).connect(bus);
  }
  bus.connect(context.destination);
}
