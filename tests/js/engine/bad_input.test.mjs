// Every exception that the specification names, from every interface: what is called, and what comes of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as backline from '../../../lib/index.js';

const { AudioBuffer, OfflineAudioContext, PeriodicWave } = backline;
const kRate = 48000;
const offline = () => new OfflineAudioContext(2, 256, kRate);
const buffer = (numberOfChannels = 1, sampleRate = kRate) => new AudioBuffer({ numberOfChannels, length: 4, sampleRate });
const make = (name, context, options) => new backline[name](context, options);
const detached = () => {
  const samples = new Float32Array(4);
  structuredClone(samples.buffer, { transfer: [samples.buffer] });
  return samples;
};

// name of the exception: [interface that must be there, what is done to a fresh context]…
const kCalls = {
  NotSupportedError: [
    ['OfflineAudioContext', () => new OfflineAudioContext(0, 1, kRate)], ['OfflineAudioContext', () => new OfflineAudioContext(1000, 1, kRate)],
    ['OfflineAudioContext', () => new OfflineAudioContext(1, 0, kRate)], ['OfflineAudioContext', () => new OfflineAudioContext(1, 1, 2999)],
    ['OfflineAudioContext', () => new OfflineAudioContext(1, 1, 768001)],
    ['OfflineAudioContext', () => new OfflineAudioContext({ length: 0, sampleRate: kRate })],
    ['AudioBuffer', () => new AudioBuffer({ length: 0, sampleRate: kRate })], ['AudioBuffer', () => new AudioBuffer({ length: 1, sampleRate: 0 })],
    ['AudioBuffer', () => new AudioBuffer({ length: 1, sampleRate: 1e6 })], ['AudioBuffer', () => buffer(0)], ['AudioBuffer', () => buffer(1000)],
    ['AudioBuffer', (c) => c.createBuffer(0, 1, kRate)], ['AudioBuffer', (c) => c.createBuffer(1000, 1, kRate)],
    ['AudioBuffer', (c) => c.createBuffer(1, 0, kRate)], ['AudioBuffer', (c) => c.createBuffer(1, 1, -1)],
    ['DelayNode', (c) => c.createDelay(0)], ['DelayNode', (c) => c.createDelay(-1)], ['DelayNode', (c) => c.createDelay(180)],
    ['DelayNode', (c) => make('DelayNode', c, { maxDelayTime: 180 })],
    ['GainNode', (c) => { c.createGain().channelCount = 0; }], ['GainNode', (c) => { c.createGain().channelCount = 1000; }],
    ['GainNode', (c) => make('GainNode', c, { channelCount: 1000 })],
    ['GainNode', (c) => { const gain = c.createGain(); gain.connect(gain); return gain.channelCount = 0; }],
    ['DynamicsCompressorNode', (c) => { c.createDynamicsCompressor().channelCount = 3; }],
    ['DynamicsCompressorNode', (c) => { c.createDynamicsCompressor().channelCountMode = 'max'; }],
    ['ConvolverNode', (c) => { c.createConvolver().channelCount = 3; }], ['ConvolverNode', (c) => make('ConvolverNode', c, { channelCountMode: 'max' })],
    ['ConvolverNode', (c) => make('ConvolverNode', c, { buffer: buffer(3) })], ['ConvolverNode', (c) => { c.createConvolver().buffer = buffer(1, 44100); }],
    ['PannerNode', (c) => { c.createPanner().channelCount = 3; }], ['PannerNode', (c) => { c.createPanner().channelCountMode = 'max'; }],
    ['StereoPannerNode', (c) => { c.createStereoPanner().channelCount = 3; }], ['StereoPannerNode', (c) => make('StereoPannerNode', c, { channelCountMode: 'max' })],
    ['ScriptProcessorNode', (c) => { c.createScriptProcessor(256, 2, 2).channelCount = 3; }],
    ['ScriptProcessorNode', (c) => { c.createScriptProcessor(256, 2, 2).channelCountMode = 'max'; }],
    ['IIRFilterNode', (c) => c.createIIRFilter([], [1])], ['IIRFilterNode', (c) => c.createIIRFilter([1], [])],
    ['IIRFilterNode', (c) => c.createIIRFilter(new Array(21).fill(1), [1])], ['IIRFilterNode', (c) => c.createIIRFilter([1], new Array(21).fill(1))],
    ['AudioParam', (c) => { const { gain } = c.createGain(); gain.setValueCurveAtTime([0, 1], 1, 1); gain.setValueAtTime(0, 1.5); }],
    ['AudioParam', (c) => { const { gain } = c.createGain(); gain.setValueAtTime(0, 1.5); gain.setValueCurveAtTime([0, 1], 1, 1); }],
    ['AudioParam', (c) => { const { gain } = c.createGain(); gain.setValueCurveAtTime([0, 1], 0, 1); gain.value = 0; }],
    ['AudioWorkletNode', async (c) => new backline.AudioWorkletNode(await withProcessor(c), 'none', { numberOfInputs: 0, numberOfOutputs: 0 })],
    ['AudioWorkletNode', async (c) => new backline.AudioWorkletNode(await withProcessor(c), 'none', { outputChannelCount: [0] })],
    ['AudioWorkletNode', async (c) => new backline.AudioWorkletNode(await withProcessor(c), 'none', { outputChannelCount: [1000] })],
  ],
  IndexSizeError: [
    ['ChannelSplitterNode', (c) => c.createChannelSplitter(0)], ['ChannelSplitterNode', (c) => c.createChannelSplitter(1000)],
    ['ChannelMergerNode', (c) => c.createChannelMerger(0)], ['ChannelMergerNode', (c) => make('ChannelMergerNode', c, { numberOfInputs: 1000 })],
    ['ScriptProcessorNode', (c) => c.createScriptProcessor(100, 1, 1)], ['ScriptProcessorNode', (c) => c.createScriptProcessor(32768, 1, 1)],
    ['ScriptProcessorNode', (c) => c.createScriptProcessor(256, 0, 0)],
    ['PeriodicWave', (c) => c.createPeriodicWave([0, 1], [0])], ['PeriodicWave', (c) => c.createPeriodicWave([0], [0])],
    ['PeriodicWave', (c) => new PeriodicWave(c, { real: [] })], ['PeriodicWave', (c) => new PeriodicWave(c, { imag: [0] })],
    ['AudioBuffer', () => buffer().getChannelData(1)], ['AudioBuffer', () => buffer().copyFromChannel(new Float32Array(1), 1)],
    ['AudioBuffer', () => buffer().copyToChannel(new Float32Array(1), 1)],
    ['AnalyserNode', (c) => { c.createAnalyser().fftSize = 16; }], ['AnalyserNode', (c) => { c.createAnalyser().fftSize = 65536; }],
    ['AnalyserNode', (c) => { c.createAnalyser().fftSize = 1000; }], ['AnalyserNode', (c) => make('AnalyserNode', c, { fftSize: 33 })],
    ['AnalyserNode', (c) => { c.createAnalyser().minDecibels = -30; }], ['AnalyserNode', (c) => { c.createAnalyser().maxDecibels = -100; }],
    ['AnalyserNode', (c) => make('AnalyserNode', c, { minDecibels: -10, maxDecibels: -20 })],
    ['AnalyserNode', (c) => { c.createAnalyser().smoothingTimeConstant = 1.1; }], ['AnalyserNode', (c) => { c.createAnalyser().smoothingTimeConstant = -0.1; }],
    ['AudioNode', (c) => c.createGain().connect(c.createGain(), 1)], ['AudioNode', (c) => c.createGain().connect(c.createGain(), 0, 1)],
    ['AudioNode', (c) => c.createGain().connect(c.createGain().gain, 1)], ['AudioNode', (c) => c.createGain().disconnect(1)],
    ['AudioNode', (c) => { const a = c.createGain(), b = c.createGain(); a.connect(b); a.disconnect(b, 1); }],
    ['AudioNode', (c) => { const a = c.createGain(), b = c.createGain(); a.connect(b); a.disconnect(b, 0, 1); }],
    ['AudioNode', (c) => { const a = c.createGain(), b = c.createGain(); a.connect(b.gain); a.disconnect(b.gain, 1); }],
    ['AudioWorkletNode', async (c) => new backline.AudioWorkletNode(await withProcessor(c), 'none', { numberOfOutputs: 2, outputChannelCount: [1] })],
  ],
  InvalidAccessError: [
    ['AudioNode', (c) => c.createGain().connect(offline().destination)], ['AudioNode', (c) => c.createGain().connect(offline().createGain().gain)],
    ['AudioNode', (c) => c.createGain().disconnect(c.createGain())], ['AudioNode', (c) => c.createGain().disconnect(c.createGain().gain)],
    ['AudioNode', (c) => c.createGain().disconnect(c.createGain(), 0)], ['AudioNode', (c) => c.createGain().disconnect(c.createGain(), 0, 0)],
  ],
  InvalidStateError: [
    ['AudioDestinationNode', (c) => { c.destination.channelCount = 1; }],
    ['ChannelSplitterNode', (c) => { c.createChannelSplitter(4).channelCount = 3; }],
    ['ChannelSplitterNode', (c) => { c.createChannelSplitter(4).channelCountMode = 'max'; }],
    ['ChannelSplitterNode', (c) => { c.createChannelSplitter(4).channelInterpretation = 'speakers'; }],
    ['ChannelMergerNode', (c) => { c.createChannelMerger(4).channelCount = 3; }], ['ChannelMergerNode', (c) => { c.createChannelMerger(4).channelCountMode = 'max'; }],
    ['AudioBufferSourceNode', (c) => { const source = c.createBufferSource(); source.buffer = buffer(); source.buffer = buffer(); }],
    ['AudioBufferSourceNode', (c) => { c.createBufferSource().playbackRate.automationRate = 'a-rate'; }],
    ['AudioBufferSourceNode', (c) => { c.createBufferSource().detune.automationRate = 'a-rate'; }],
    ['AudioBufferSourceNode', (c) => { const source = c.createBufferSource(); source.start(); source.start(); }],
    ['AudioBufferSourceNode', (c) => c.createBufferSource().stop()],
    ...['threshold', 'knee', 'ratio', 'attack', 'release'].map((name) => ['DynamicsCompressorNode', (c) => { c.createDynamicsCompressor()[name].automationRate = 'a-rate'; }]),
    ['OscillatorNode', (c) => { c.createOscillator().type = 'custom'; }], ['OscillatorNode', (c) => make('OscillatorNode', c, { type: 'custom' })],
    ['OscillatorNode', (c) => { const source = c.createOscillator(); source.start(); source.start(); }], ['OscillatorNode', (c) => c.createOscillator().stop()],
    ['ConstantSourceNode', (c) => c.createConstantSource().stop()],
    ['IIRFilterNode', (c) => c.createIIRFilter([0, 0], [1])], ['IIRFilterNode', (c) => c.createIIRFilter([1], [0, 1])],
    ['PannerNode', (c) => { c.createPanner().coneOuterGain = 1.1; }], ['PannerNode', (c) => make('PannerNode', c, { coneOuterGain: -0.1 })],
    ['WaveShaperNode', (c) => { c.createWaveShaper().curve = new Float32Array(1); }], ['WaveShaperNode', (c) => { c.createWaveShaper().curve = new Float32Array(0); }],
    ['WaveShaperNode', (c) => { c.createWaveShaper().curve = detached(); }],
    ['WaveShaperNode', (c) => { const shaper = c.createWaveShaper(); shaper.curve = new Float32Array(2); shaper.curve = new Float32Array(2); }],
    ['AudioParam', (c) => c.createGain().gain.setValueCurveAtTime([1], 0, 1)], ['AudioParam', (c) => c.createGain().gain.setValueCurveAtTime([], 0, 1)],
    ['OfflineAudioContext', (c) => { c.startRendering(); return c.startRendering(); }], ['OfflineAudioContext', (c) => c.resume()],
    ['OfflineAudioContext', (c) => c.suspend(1)], ['OfflineAudioContext', (c) => c.suspend(-1)],
    ['OfflineAudioContext', (c) => { c.suspend(0.001).catch(() => {}); return c.suspend(0.001); }],
    ['AudioWorkletNode', (c) => new backline.AudioWorkletNode(c, 'unknown')],
  ],
  RangeError: [
    ...['setValueAtTime', 'linearRampToValueAtTime', 'exponentialRampToValueAtTime'].map((name) => ['AudioParam', (c) => c.createGain().gain[name](1, -1)]),
    ['AudioParam', (c) => c.createGain().gain.exponentialRampToValueAtTime(0, 1)], ['AudioParam', (c) => c.createGain().gain.exponentialRampToValueAtTime(1e-50, 1)],
    ['AudioParam', (c) => c.createGain().gain.setTargetAtTime(1, -1, 1)], ['AudioParam', (c) => c.createGain().gain.setTargetAtTime(1, 1, -1)],
    ['AudioParam', (c) => c.createGain().gain.setValueCurveAtTime([0, 1], -1, 1)], ['AudioParam', (c) => c.createGain().gain.setValueCurveAtTime([0, 1], 1, 0)],
    ['AudioParam', (c) => c.createGain().gain.cancelScheduledValues(-1)], ['AudioParam', (c) => c.createGain().gain.cancelAndHoldAtTime(-1)],
    ['OscillatorNode', (c) => c.createOscillator().start(-1)], ['OscillatorNode', (c) => { const source = c.createOscillator(); source.start(); source.stop(-1); }],
    ['AudioBufferSourceNode', (c) => c.createBufferSource().start(-1)], ['AudioBufferSourceNode', (c) => c.createBufferSource().start(0, -1)],
    ['AudioBufferSourceNode', (c) => c.createBufferSource().start(0, 0, -1)],
    ['PannerNode', (c) => { c.createPanner().refDistance = -1; }], ['PannerNode', (c) => { c.createPanner().maxDistance = 0; }],
    ['PannerNode', (c) => { c.createPanner().rolloffFactor = -1; }], ['PannerNode', (c) => make('PannerNode', c, { maxDistance: -1 })],
  ],
  TypeError: [
    ['AudioBuffer', () => new AudioBuffer()], ['AudioBuffer', () => new AudioBuffer({ length: 1 })], ['AudioBuffer', () => backline.AudioBuffer({})],
    ['AudioBuffer', () => buffer().copyFromChannel([0], 0)],
    ['AudioBuffer', () => buffer().copyFromChannel(new Float32Array(new SharedArrayBuffer(16)), 0)],
    ['AudioBufferSourceNode', (c) => { c.createBufferSource().buffer = 5; }], ['AudioBufferSourceNode', (c) => make('AudioBufferSourceNode', c, { buffer: {} })],
    ['AudioNode', (c) => c.createGain().connect()], ['AudioNode', (c) => c.createGain().connect({})], ['AudioNode', (c) => c.createGain().connect(null)],
    ['AudioNode', () => new backline.AudioNode()], ['AudioParam', () => new backline.AudioParam()],
    ['GainNode', () => new backline.GainNode()], ['GainNode', () => new backline.GainNode({})], ['GainNode', (c) => make('GainNode', c, 5)],
    ['GainNode', (c) => make('GainNode', c, { channelCountMode: 'most' })], ['OscillatorNode', (c) => make('OscillatorNode', c, { type: 'noise' })],
    ['BiquadFilterNode', (c) => make('BiquadFilterNode', c, { type: 'comb' })], ['IIRFilterNode', (c) => make('IIRFilterNode', c)],
    ['IIRFilterNode', (c) => make('IIRFilterNode', c, { feedforward: [1] })], ['OscillatorNode', (c) => c.createOscillator().setPeriodicWave(null)],
    ['OfflineAudioContext', () => new OfflineAudioContext()], ['OfflineAudioContext', () => new OfflineAudioContext(1, 1)],
    ['OfflineAudioContext', () => new OfflineAudioContext({ length: 1 })], ['OfflineAudioContext', (c) => c.decodeAudioData()],
  ],
  DataCloneError: [['OfflineAudioContext', (c) => c.decodeAudioData(detached().buffer)]],
  EncodingError: [['OfflineAudioContext', (c) => c.decodeAudioData(new ArrayBuffer(0))], ['OfflineAudioContext', (c) => c.decodeAudioData(new ArrayBuffer(1000))]],
};

async function withProcessor(context) {
  await context.audioWorklet.addModule("data:text/javascript,registerProcessor('none', class extends AudioWorkletProcessor { process() {} })");
  return context;
}

const isNative = (name) => name === 'TypeError' || name === 'RangeError';

for (const [error, calls] of Object.entries(kCalls)) {
  for (const [needed, call] of calls) {
    const text = String(call).replace(/^(async )?\(c?\) => /, '').slice(0, 110);
    test(`${error}: ${text}`, { skip: !(needed in backline) && `no ${needed}` }, async () => {
      await assert.rejects(async () => call(offline()), (thrown) => {
        assert.equal(thrown.name, error, `${thrown.name}: ${thrown.message}`);
        assert.equal(thrown.constructor, isNative(error) ? globalThis[error] : DOMException);
        assert.ok(thrown.message.length > 10, 'the message names what is wrong');
        return true;
      });
    });
  }
}
