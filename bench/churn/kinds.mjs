// What is made and dropped. Each kind is a function that starts it and gives {round(), contexts(), close()}: round(n) does it once more and resolves when it is
// done, contexts() are those that stay.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import {
  AnalyserNode, AudioBuffer, AudioBufferSourceNode, AudioContext, AudioWorkletNode, BiquadFilterNode, ChannelMergerNode, ChannelSplitterNode, ConstantSourceNode,
  ConvolverNode, DelayNode, DynamicsCompressorNode, GainNode, IIRFilterNode, MediaStream, MediaStreamAudioDestinationNode, MediaStreamAudioSourceNode,
  OfflineAudioContext, OscillatorNode, PannerNode, PeriodicWave, StereoPannerNode, WaveShaperNode,
} from '../../lib/index.js';
import { native } from '../../lib/native.js';
import { settings } from '../../lib/settings.js';
import { interfaceNamed, wrap } from '../../lib/webidl/platform_object.js';
import { patience, startPulse } from '../../tests/js/support/pulse.mjs';

const moduleOf = (source) => `data:text/javascript,${encodeURIComponent(source)}`;
// 'echo' answers once and ends; 'pass' runs as long as something is connected to it.
const kProcessors = moduleOf(`
  registerProcessor('echo', class extends AudioWorkletProcessor {
    over = false;
    constructor() {
      super();
      this.port.onmessage = ({ data }) => { this.port.postMessage(data, data.buffer instanceof ArrayBuffer ? [data.buffer] : []); this.over = true; };
    }
    process(inputs, [[output]]) { output.fill(0.001); return !this.over; }
  });
  registerProcessor('pass', class extends AudioWorkletProcessor {
    static parameterDescriptors = [{ name: 'gain', defaultValue: 1 }];
    process([input], [output], { gain }) { input.forEach((channel, c) => { for (let i = 0; i < channel.length; i++) output[c][i] = channel[i] * gain[0]; }); }
  });`);

async function playing(options) {
  const context = new AudioContext({ latencyHint: 'playback', ...options });
  await context.resume();
  await context.audioWorklet.addModule(kProcessors);
  return context;
}

function brief(context, source) {
  source.start();
  source.stop(context.currentTime + 0.02);
  return source;
}

const buffer = (length) => {
  const made = new AudioBuffer({ length, numberOfChannels: 2, sampleRate: 48000 });
  made.getChannelData(0).fill(0.001);
  return made;
};
const tone = (context) => brief(context, new OscillatorNode(context, { frequency: 220 }));
const effect = (make) => (context) => tone(context).connect(make(context));

/** One or some nodes of every kind, each of which somebody might drop. The result is connected, and let go of. */
const kMakers = [
  tone,
  (context) => brief(context, new AudioBufferSourceNode(context, { buffer: buffer(480) })),
  (context) => brief(context, new AudioBufferSourceNode(context, { buffer: buffer(4800), loop: true, playbackRate: 1.5 })),
  (context) => brief(context, new OscillatorNode(context, { periodicWave: new PeriodicWave(context, { real: [0, 1, 0.5], imag: [0, 0, 0] }) })),
  effect((context) => new BiquadFilterNode(context)),
  effect((context) => new ConvolverNode(context, { buffer: buffer(2400) })),
  effect((context) => new DelayNode(context, { delayTime: 0.01 })),
  effect((context) => new IIRFilterNode(context, { feedforward: [1, 0.5], feedback: [1, -0.3] })),
  effect((context) => new WaveShaperNode(context, { curve: [-1, 0, 1], oversample: '2x' })),
  effect((context) => new DynamicsCompressorNode(context)),
  effect((context) => new PannerNode(context, { panningModel: 'HRTF', positionX: 1 })),
  effect((context) => new StereoPannerNode(context, { pan: 0.3 })),
  effect((context) => new ChannelSplitterNode(context).connect(new ChannelMergerNode(context))),
  effect((context) => {
    const analyser = new AnalyserNode(context, { fftSize: 256 });
    analyser.getFloatFrequencyData(new Float32Array(128));
    return analyser;
  }),
  (context) => {
    const gain = new GainNode(context);
    const now = context.currentTime;
    gain.gain.setValueAtTime(0, now).linearRampToValueAtTime(1, now + 0.01).setValueCurveAtTime([1, 0.5, 0], now + 0.02, 0.02);
    return tone(context).connect(gain);
  },
  // Parameters that are played, and cycles.
  (context) => {
    const delay = new DelayNode(context, { delayTime: 0.005 });
    const feedback = new GainNode(context, { gain: 0.1 });
    tone(context).connect(delay).connect(feedback).connect(delay);
    brief(context, new ConstantSourceNode(context, { offset: 0.001 })).connect(delay.delayTime);
    return delay;
  },
  (context) => {
    const destination = new MediaStreamAudioDestinationNode(context);
    tone(context).connect(destination);
    const source = new MediaStreamAudioSourceNode(context, { mediaStream: destination.stream });
    setTimeout(() => destination.stream.getTracks()[0].stop(), 30);
    return source;
  },
  (context) => {
    const script = context.createScriptProcessor(256, 1, 1);
    script.onaudioprocess = () => {};
    setTimeout(() => { script.onaudioprocess = null; script.disconnect(); }, 30);
    return tone(context).connect(script);
  },
];

const kWorklets = [
  (context) => tone(context).connect(new AudioWorkletNode(context, 'pass', { parameterData: { gain: 0.5 } })),
  (context) => {
    const node = new AudioWorkletNode(context, 'echo', { numberOfInputs: 0, processorOptions: { some: 'options' } });
    node.port.onmessage = () => node.port.close();
    node.port.postMessage({ buffer: new ArrayBuffer(1024) });
    return node;
  },
  (context) => {
    const node = new AudioWorkletNode(context, 'echo', { numberOfInputs: 0 });
    const shared = new Int32Array(new SharedArrayBuffer(64));
    node.port.onmessage = ({ data }) => { data.of[0] = 1; node.port.onmessage = null; };
    node.port.postMessage({ of: shared });
    return node;
  },
];

function churnOf(makers) {
  return async function start({ perRound = 10 } = {}) {
    const context = await playing();
    const out = new GainNode(context, { gain: 0.01 });
    out.connect(context.destination);
    context.listener.positionX.value = 0;   // a node that is made once
    return {
      async round(n) {
        for (let i = 0; i < perRound; i++) {
          const number = n * perRound + i;
          const node = makers[number % makers.length](context);
          node.connect(out);
          // Some are taken out by hand, the others are only forgotten.
          if (Math.floor(number / makers.length) % 2) setTimeout(() => node.disconnect(), 25);
        }
      },
      contexts: () => [context],
      close: () => context.close(),
    };
  };
}

/** Contexts of all fates: closed while they play, while suspended, never run; offline ones with and without worklets. */
async function contexts() {
  const stays = await playing();
  const kFates = [
    async () => {
      const context = await playing({ sampleRate: 44100 });
      tone(context).connect(new AudioWorkletNode(context, 'pass')).connect(context.destination);
      const time = context.currentTime;
      await patience(() => context.currentTime > time, 'it does not play');
      await context.close();
    },
    async () => {
      const context = new AudioContext({ sampleRate: 96000, renderSizeHint: 256 });
      tone(context).connect(context.destination);
      await context.resume();
      await context.suspend();
      await context.close();
    },
    async () => {
      const context = new OfflineAudioContext(2, 4800, 48000);
      await context.audioWorklet.addModule(kProcessors);
      tone(context).connect(new AudioWorkletNode(context, 'pass')).connect(context.destination);
      await context.startRendering();
    },
    async () => { new OfflineAudioContext(1, 128, 48000).createGain(); },
    async () => {
      const context = await playing();
      const destination = new MediaStreamAudioDestinationNode(context);
      tone(context).connect(destination);
      const heard = new MediaStreamAudioSourceNode(stays, { mediaStream: destination.stream });
      heard.connect(stays.destination);
      await context.close();
    },
  ];
  return { round: (n) => kFates[n % kFates.length](), contexts: () => [stays], close: () => stays.close() };
}

/** From one output to another and back. */
async function sinks() {
  const context = await playing({ sinkId: 'virtual' });
  const source = new OscillatorNode(context);
  source.connect(context.destination);
  source.start();
  return {
    round: (n) => context.setSinkId(n % 2 ? 'virtual' : { type: 'none' }),
    contexts: () => [context],
    close: () => context.close(),
  };
}

/** Sinks of a sound server come and go while contexts play on them and on the default, and while they are captured. */
async function devices() {
  const pulse = await startPulse();
  pulse.load('stays');
  let module = pulse.load('goes');
  const onIt = await playing({ sinkId: 'pulse:goes' });
  const onDefault = await playing({ sinkId: 'pulse:stays' });
  for (const context of [onIt, onDefault]) {
    const source = new OscillatorNode(context);
    source.connect(new GainNode(context, { gain: 0.1 })).connect(context.destination);
    source.start();
  }
  onIt.onerror = () => {};
  const changed = () => once(onIt, 'sinkchange');
  return {
    async round(n) {
      const track = wrap(await native().openCapture({ device: n % 2 ? 'pulse:goes.monitor' : 'pulse:stays.monitor' }), interfaceNamed('MediaStreamTrack'));
      const heard = new MediaStreamAudioSourceNode(onDefault, { mediaStream: new MediaStream([track]) });
      heard.connect(new AnalyserNode(onDefault));
      let moved = changed();
      pulse.unload(module);
      await moved;
      moved = changed();
      module = pulse.load('goes');
      await moved;
      track.stop();
      await onDefault.setSinkId(n % 2 ? 'pulse:goes' : 'pulse:stays').catch(() => {});   // which may have gone again
    },
    contexts: () => [onIt, onDefault],
    async close() {
      await Promise.all([onIt.close(), onDefault.close()]);
      await pulse.end();
    },
  };
}

/** Render hosts die. */
async function hosts() {
  const context = await playing();
  const out = new GainNode(context, { gain: 0.1 });
  out.connect(context.destination);
  const source = new OscillatorNode(context);
  source.start();
  source.connect(new AudioWorkletNode(context, 'pass')).connect(out);
  return {
    async round(n) {
      kMakers[n % kMakers.length](context).connect(out);
      kWorklets[n % kWorklets.length](context).connect(out);
      const states = [];
      context.onstatechange = () => states.push(context.state);
      process.kill(native().status().renderPid, 'SIGKILL');
      await patience(() => states.includes('running'), 'the session does not come back');
      await sleep(kHealthyAfter);
    },
    contexts: () => [context],
    close: () => context.close(),
  };
}
const kHealthyAfter = 10500;   // milliseconds without a death: the next one counts as the first

/** By their names; pace: milliseconds from one round to the next, in the long run. */
export const kinds = {
  nodes: { start: churnOf([...kMakers, ...kWorklets]), pace: 100, what: '100 nodes a second, of every kind' },
  worklets: { start: churnOf(kWorklets), pace: 100, what: '100 AudioWorkletNodes a second' },
  contexts: { start: contexts, pace: 200, what: 'contexts, live and offline, with worklets' },
  sinks: { start: sinks, pace: 200, what: 'setSinkId from a device to none and back' },
  devices: { start: devices, pace: 200, what: 'sinks of a PulseAudio server that come and go, captures of them' },
  hosts: { start: hosts, pace: 0, what: 'render hosts that are killed' },
};

settings.device = 'virtual';
