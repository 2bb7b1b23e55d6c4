// Names of sound formats, as programs and people say them.
import { extname } from 'node:path';

const kOther = { '': 'wav', wave: 'wav', rf64: 'wav', oga: 'ogg' };

export const kSoundFormats = ['wav', 'flac', 'ogg', 'opus'];

/// The format of this name, else the one that a file's name ends with; a name that is none comes back as it is.
export function soundFormat(name, path = '') {
  const given = name ?? extname(path).slice(1).toLowerCase();
  return kOther[given] ?? given;
}
