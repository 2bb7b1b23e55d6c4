// Records two seconds of the microphone into a file, and loses nothing: node examples/ten-lines/record.mjs take.wav
import { AudioContext, mediaDevices, Recorder } from 'backline';

const context = new AudioContext({ sinkId: { type: 'none' } });   // nothing is heard of it
const stream = await mediaDevices.getUserMedia({ audio: true });
const recorder = new Recorder(context.createMediaStreamSource(stream), { file: process.argv[2], channels: 1, seconds: 2 });
recorder.onstop = () => {
  console.log(`${process.argv[2]}: ${recorder.report.duration} s, ${recorder.report.gaps} gaps`);
  for (const track of stream.getTracks()) track.stop();
  context.close();
};
recorder.start();
