// backline devices: where sound can go.

import { openStage } from './stage.mjs';

export const help = `Usage: backline devices [--json]

Lists the devices that "backline play --device NAME" takes, by name or id, and the sound systems behind them; * marks each
system's default.

  --json  everything that is known, as JSON
`;

export const positionals = [];
export const options = { json: { type: 'boolean' } };

const row = ({ id, name, backend, maxChannels, sampleRate, isDefault, input }) =>
  `${isDefault ? '*' : ' '} ${input ? 'in ' : 'out'} ${name} (${backend}, ${maxChannels} channels, ${sampleRate} Hz): ${id}`;

export async function run({ values }) {
  const { devices, backends } = await openStage().addon.devices();
  if (values.json) return void console.log(JSON.stringify({ devices, backends }, null, 2));
  for (const device of devices) console.log(row(device));
  if (!devices.some(({ backend, input }) => backend !== 'virtual' && !input)) console.log('no sound device: programs play unheard, on "virtual"');
  for (const { name, available, detail } of backends) console.log(`${name}: ${available ? 'available' : 'not available'}${detail ? `, ${detail}` : ''}`);
}
