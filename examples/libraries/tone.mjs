// Tone.js: a sequence of synths through effects, on its transport. Play it with ./run play examples/libraries/tone.mjs
import 'backline/polyfill';
import * as Tone from 'tone';

const delay = new Tone.FeedbackDelay('8n', 0.3).toDestination();
const filter = new Tone.Filter(2000, 'lowpass').connect(delay).toDestination();
const synth = new Tone.PolySynth(Tone.Synth, { volume: -10, envelope: { attack: 0.005, release: 0.3 } }).connect(filter);
const bass = new Tone.MonoSynth({ volume: -14, envelope: { attack: 0.01, release: 0.1 } }).toDestination();

new Tone.Sequence((time, note) => synth.triggerAttackRelease(note, '16n', time), ['C5', 'E5', 'G5', 'B5', 'A5', 'G5', 'E5', 'D5'], '8n').start(0);
new Tone.Loop((time) => bass.triggerAttackRelease('C2', '8n', time), '4n').start(0);

await Tone.start();
const transport = Tone.getTransport();
transport.bpm.value = 120;
transport.start();
transport.scheduleOnce(() => {
  transport.stop();
  Tone.getContext().rawContext.close();
}, '4m');
