// What MediaRecorder can write, by media type.
import { MIMEType } from 'node:util';

/// types: of which the essence is one; formats: the native format for what `codecs` may say; otherwise: for a type that says none.
const kContainers = [
  { types: ['audio/ogg', 'application/ogg'], formats: { opus: 'opus', vorbis: 'ogg' }, otherwise: 'opus' },
  { types: ['audio/wav', 'audio/wave', 'audio/x-wav', 'audio/vnd.wave'], formats: { pcm: 'wav', 3: 'wav' }, otherwise: 'wav' },
  { types: ['audio/flac', 'audio/x-flac'], formats: { flac: 'flac' }, otherwise: 'flac' },
];

export const kDefaultType = 'audio/ogg; codecs=opus';

/// The native format that a media type stands for; undefined if it cannot be written. '': the default's.
export function formatOf(type) {
  if (type === '') return formatOf(kDefaultType);
  let mime;
  try {
    mime = new MIMEType(type);
  } catch {
    return undefined;
  }
  const container = kContainers.find(({ types }) => types.includes(mime.essence));
  const codecs = mime.params.get('codecs');
  if (container === undefined || codecs === null) return container?.otherwise;
  return container.formats[codecs.trim().toLowerCase()];
}
