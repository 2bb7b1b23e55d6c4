// Says which frequency of a playing sound is the loudest: node examples/ten-lines/analyse.mjs song.mp3
import { AnalyserNode, Audio, AudioContext } from 'backline';

const context = new AudioContext(), analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 });
const audio = new Audio(process.argv[2]), levels = new Float32Array(analyser.frequencyBinCount);
context.createMediaElementSource(audio).connect(analyser).connect(context.destination);
audio.ontimeupdate = () => {
  analyser.getFloatFrequencyData(levels);
  const bin = levels.indexOf(Math.max(...levels));
  console.log(`${audio.currentTime.toFixed(1)} s: ${Math.round(bin * context.sampleRate / analyser.fftSize)} Hz at ${levels[bin].toFixed(0)} dB`);
};
audio.onended = () => context.close();
await audio.play();
