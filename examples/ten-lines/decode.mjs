// Decodes a sound file and says how loud it is: node examples/ten-lines/decode.mjs song.mp3
import { readFile } from 'node:fs/promises';
import { OfflineAudioContext } from 'backline';

const context = new OfflineAudioContext({ length: 1, sampleRate: 48000 });
const buffer = await context.decodeAudioData(Uint8Array.from(await readFile(process.argv[2])).buffer);
for (let c = 0; c < buffer.numberOfChannels; c++) {
  const peak = buffer.getChannelData(c).reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  console.log(`channel ${c + 1}: ${buffer.duration.toFixed(2)} s, peak ${(20 * Math.log10(peak)).toFixed(1)} dB`);
}
