// Decodes a file that is no audio: itself.
import { readFile } from 'node:fs/promises';

export default async function noAudio(context) {
  const bytes = await readFile(new URL(import.meta.url));
  await context.decodeAudioData(new Uint8Array(bytes).buffer);
}
