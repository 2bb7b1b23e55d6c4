// https://w3c.github.io/mediacapture-main/#dom-mediadevices-getusermedia, for sound.
import { native } from '../native.js';
import { settings } from '../settings.js';
import { slotsOf } from '../webidl/platform_object.js';
import { asRequired, distance, firstUnmet, idealOf, narrowed, nearest, overconstrained, requireMet, wordsOf } from './constraints.js';
import { listDevices } from './devices.js';

/// A promise of the impl of a track of the input that suits the constraints best.
export async function openInput({ audio, video }) {
  if (audio === false && video === false) {
    throw new TypeError("Failed to execute 'getUserMedia' on 'MediaDevices': neither audio nor video is asked for.");
  }
  if (!settings.capture) throw new DOMException('BACKLINE_CAPTURE forbids programs to record; unset it to allow them to', 'NotAllowedError');
  if (video !== false) throw new DOMException('there is no camera: ask for audio only', 'NotFoundError');
  const constraints = audio === true ? {} : audio;
  const device = choose(await candidates(constraints), constraints);
  const track = await native().openCapture({ device: device.deviceId, channels: channelsOf(device, constraints) });
  Object.assign(slotsOf(track), { constraints, groupId: device.groupId });
  try {
    requireMet(constraints, { ...track.settings(), groupId: device.groupId });   // what is known now only: the latency
  } catch (error) {
    track.stop();
    throw error;
  }
  return track;
}

/// Inputs that may be chosen: some only where they are named, by the constraints or as the default.
async function candidates({ deviceId, groupId, advanced = [] }) {
  const sets = [{ deviceId, groupId }, ...advanced];
  const named = new Set(sets.flatMap((set) => [set.deviceId, set.groupId]).flatMap(valuesOf));
  const inputs = (await listDevices()).filter(({ kind }) => kind === 'audioinput');
  const isNamed = (device) => device.deviceId === settings.input || named.has(device.deviceId) || named.has(device.groupId);
  const found = inputs.filter((device) => !device.onlyByName || isNamed(device));
  if (!found.length && !named.size) {
    throw new DOMException('there is no microphone; navigator.mediaDevices.enumerateDevices() lists what can be named as deviceId', 'NotFoundError');
  }
  return found.length ? found : inputs;
}

function valuesOf(constraint) {
  if (constraint === undefined) return [];
  if (typeof constraint !== 'object' || Array.isArray(constraint)) return [constraint].flat();
  return [constraint.exact ?? [], constraint.ideal ?? []].flat();
}

/// https://w3c.github.io/mediacapture-main/#dfn-selectsettings
function choose(devices, constraints) {
  let possible = devices.filter((device) => firstUnmet(constraints, device.capabilities) === undefined);
  if (!possible.length) refuse(devices, constraints);
  for (const set of constraints.advanced ?? []) {
    const better = possible.filter((device) => firstUnmet(asRequired(set), device.capabilities) === undefined);
    if (better.length) possible = better;
  }
  const distances = possible.map((device) => distance(constraints, device.capabilities));
  return possible[distances.indexOf(Math.min(...distances))];
}

/// Names a constraint that none meets, else the first that the default does not.
function refuse(devices, constraints) {
  const unmet = devices.map((device) => firstUnmet(constraints, device.capabilities));
  const name = Object.keys(constraints).find((each) => devices.every((device) => firstUnmet({ [each]: constraints[each] }, device.capabilities))) ?? unmet[0];
  throw overconstrained(name, `no input has ${name} ${wordsOf(constraints[name])}; there are: ${devices.map(({ deviceId }) => deviceId).join(', ')}`);
}

/// As many as the constraints ask for; 0, which is the device's own number, where they leave that.
function channelsOf(device, constraints) {
  let range = narrowed(device.capabilities.channelCount, constraints.channelCount);
  for (const set of constraints.advanced ?? []) range = narrowed(range, asRequired(set).channelCount) ?? range;
  const count = nearest(idealOf(constraints.channelCount) ?? device.channels, range);
  return count === device.channels ? 0 : count;
}
