// backline devices: where sound can go.

import { openStage } from './stage.mjs';

export const help = `Usage: backline devices [--json]

Lists the devices that "backline play --device NAME" takes, and the sound systems behind them.

  --json  everything that is known, as JSON
`;

export const positionals = [];
export const options = { json: { type: 'boolean' } };

const row = ({ name, backend, maxChannels, sampleRate, isDefault, input }) =>
  `${isDefault ? '*' : ' '} ${input ? 'in ' : 'out'} ${name} (${backend}, ${maxChannels} channels, ${sampleRate} Hz)`;

export async function run({ values }) {
  const { devices, backends } = await openStage().addon.devices();
  if (values.json) return void console.log(JSON.stringify({ devices, backends }, null, 2));
  for (const device of devices) console.log(row(device));
  if (!devices.some((device) => device.isDefault)) console.log('no default device: what names no device plays on "virtual"');
  for (const { name, available, detail } of backends) console.log(`${name}: ${available ? 'available' : 'not available'}${detail ? `, ${detail}` : ''}`);
}
