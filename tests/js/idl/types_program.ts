// Compiled, never run: right uses of the declarations, and wrong ones that have to be errors.
import {
  AudioBuffer, AudioContext, AudioWorkletNode, GainNode, OfflineAudioContext, OscillatorNode, mediaDevices, type AudioContextOptions,
  type AudioNode, type MediaStream, type OscillatorOptions,
} from 'backline';

const options: AudioContextOptions = { latencyHint: 0.1, sampleRate: 48000 };
const context = new AudioContext(options);
const oscillator: OscillatorNode = new OscillatorNode(context, { type: 'square', frequency: 220 });
const chained: AudioNode = oscillator.connect(context.createGain()).connect(context.destination);
oscillator.connect(new GainNode(context).gain, 0);
oscillator.frequency.setValueAtTime(440, context.currentTime).linearRampToValueAtTime(880, 1);
oscillator.frequency.setValueCurveAtTime(Float32Array.of(0, 1), 0, 1);
oscillator.onended = (event) => { const type: string = event.type; };
context.addEventListener('statechange', function () { const state: string = this.state; }, { once: true });

class Meter extends AudioWorkletNode {
  level = 0;

  constructor(where: AudioContext) {
    super(where, 'meter', { processorOptions: { size: 3 }, outputChannelCount: [2] });
    this.port.onmessage = ({ data }) => { this.level = data; };
    this.port.postMessage({ reset: true }, []);
    this.onprocessorerror = (event) => { const line: number = event.lineno; };
  }
}

async function render(): Promise<Float32Array> {
  await context.audioWorklet.addModule('meter.js');
  await context.audioWorklet.addModule('meter.js', { replace: true });
  const offline = new OfflineAudioContext(2, 48000, 48000);
  offline.oncomplete = ({ renderedBuffer }) => { const frames: number = renderedBuffer.length; };
  const meter = new Meter(context);
  for (const [name, param] of meter.parameters) param.value = name.length;
  const decoded: AudioBuffer = await context.decodeAudioData(new ArrayBuffer(8));
  return (await offline.startRendering()).getChannelData(decoded.numberOfChannels);
}

mediaDevices.ondevicechange = ({ devices }) => { const ids: string[] = devices.map(({ deviceId }) => deviceId); };
const microphone: Promise<MediaStream> = mediaDevices.getUserMedia({ audio: { channelCount: { ideal: 1 }, deviceId: ['one', 'other'] } });

// @ts-expect-error: no such wave form
const wrong: OscillatorOptions = { type: 'round' };
// @ts-expect-error: read only
context.sampleRate = 3;
// @ts-expect-error: a length is required
new AudioBuffer({ sampleRate: 48000 });
// @ts-expect-error: nodes connect to nodes
oscillator.connect(context);

export { chained, microphone, render, wrong };
