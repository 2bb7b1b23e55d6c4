// backline repair: mends a sound file that broke off.

import { native } from '../native.js';
import { Failure } from './failure.mjs';
import { openStage } from './stage.mjs';

export const help = `Usage: backline repair FILE [--in-place]

Mends a WAV, RF64, FLAC or Ogg file that broke off when a machine crashed or a disk failed: makes the sizes in its head true, cuts off what is left of a
torn frame or page. The damaged file stays beside it, as FILE.damaged. A file that is whole is left alone.

  --in-place  mend the file itself, without a copy: for want of disk space
`;

export const positionals = ['FILE'];
export const options = { 'in-place': { type: 'boolean' } };

export async function run({ values, positionals: [path] }) {
  openStage();
  let repair;
  try {
    repair = await native().repairSoundFile(path, values['in-place'] === true);
  } catch (error) {
    throw new Failure(error.message);
  }
  const { holds, findings, backup } = repair;
  for (const finding of findings) console.log(`${path}: ${finding}`);
  console.log(`${path}: ${findings.length ? 'mended' : 'is whole, nothing was done'}; ${holds}${backup ? `; as it was: ${backup}` : ''}`);
}
