/// The first channel of an AudioBuffer as a WAV file of 16 bits, in a data: URL.
export function wavURL(buffer) {
  const samples = buffer.getChannelData(0);
  const wav = Buffer.alloc(44 + 2 * samples.length);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(wav.length - 8, 4);
  wav.write('WAVEfmt ', 8);
  [[16, 16], [22, 1]].forEach(([place, value]) => wav.writeUInt32LE(value, place));
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(buffer.sampleRate, 24);
  wav.writeUInt32LE(2 * buffer.sampleRate, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(2 * samples.length, 40);
  samples.forEach((sample, i) => wav.writeInt16LE(Math.round(sample * 20000), 44 + 2 * i));
  return `data:audio/wav;base64,${wav.toString('base64')}`;
}
