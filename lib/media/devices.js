// The devices as programs see them, and word of their changes.
import { existsSync } from 'node:fs';

import { native } from '../native.js';
import { settings } from '../settings.js';
import { interfaceNamed, slotsOf, unwrap, wrap } from '../webidl/platform_object.js';
import { kUnprocessed } from './constraints.js';

const kVirtual = 'virtual';   // the backend of what is no device but can be named

/// An impl of MediaDeviceInfo. channels, sampleRate: the most it has, and the one it has. onlyByName: getUserMedia takes it only where it is named.
class DeviceInfo {
  constructor({ id, name, input, clock, backend, maxChannels, sampleRate }) {
    this.deviceId = id;
    this.kind = input ? 'audioinput' : 'audiooutput';
    this.label = name;
    this.groupId = clock || id;   // what runs from one clock is one piece of hardware
    this.onlyByName = backend === kVirtual || !mayBeDefault({ backend });
    this.channels = maxChannels;
    this.sampleRate = sampleRate;
  }

  /// Of an input.
  get capabilities() {
    const { deviceId, groupId, channels, sampleRate } = this;
    const unprocessed = Object.entries(kUnprocessed).map(([name, value]) => [name, [value]]);
    return { ...Object.fromEntries(unprocessed), channelCount: { min: 1, max: channels }, sampleRate: { min: sampleRate, max: sampleRate }, deviceId, groupId };
  }
}

export const wrapped = (device) => wrap(device, interfaceNamed(device.kind === 'audioinput' ? 'InputDeviceInfo' : 'MediaDeviceInfo'));

// ALSA answers without hardware, too, for its default can be another server's plug-in.
const mayBeDefault = ({ backend }) => backend !== 'alsa' || existsSync('/dev/snd');

/// All of one kind, the default first, the virtual ones last.
function inOrder(devices, named) {
  const first = devices.find(({ id }) => id === named) ?? devices.find((device) => device.isDefault && mayBeDefault(device));
  const real = devices.filter((device) => device !== first && device.backend !== kVirtual);
  return [...(first ? [first] : []), ...real, ...devices.filter((device) => device !== first && device.backend === kVirtual)];
}

/// Inputs, then outputs, as enumerateDevices() has them.
export async function listDevices() {
  const { devices } = await native().devices();
  const inputs = inOrder(devices.filter(({ input }) => input), settings.input);
  const outputs = inOrder(devices.filter(({ input }) => !input), settings.device);
  return [...inputs, ...outputs].map((device) => new DeviceInfo(device));
}

/// Tells a MediaDevices of changes, while somebody listens.
export class Watch {
  #impl;
  #known;        // a promise of the list that the listeners know
  #looking = false;
  #again = false;

  constructor(impl) { this.#impl = impl; }

  /// Whether somebody listens.
  set(wanted) {
    if (wanted === (this.#known !== undefined)) return;
    if (!wanted) {
      this.#known = undefined;
      watches.delete(this);
      return void native().watchDevices(false);
    }
    watches.add(this);
    native().watchDevices(true);
    this.#known = listDevices().catch(() => []);
  }

  /// What the native module was told of may be nothing that a program sees.
  async look() {
    this.#again = true;
    if (this.#looking) return;
    this.#looking = true;
    try {
      while (this.#again && this.#known) {
        this.#again = false;
        const [known, now] = [await this.#known, await listDevices()];
        if (!this.#known || textOf(now) === textOf(known)) continue;
        this.#known = Promise.resolve(now);
        this.#fire(now, known);
      }
    } catch {
      // The audio server has gone: the next one tells.
    } finally {
      this.#looking = false;
    }
  }

  #fire(now, known) {
    const { type: DeviceChangeEvent } = interfaceNamed('DeviceChangeEvent');
    const event = new DeviceChangeEvent('devicechange', { devices: now.map(wrapped) });
    unwrap(event, interfaceNamed('DeviceChangeEvent')).userInsertedDevices = now.filter((device) => !known.some((old) => isSame(old, device)));
    slotsOf(this.#impl).wrapper.dispatchEvent(event);
  }
}

const watches = new Set();

/// Called by the native module on the main thread.
export function devicesChanged() {
  for (const watch of watches) watch.look();
}

const isSame = (a, b) => a.kind === b.kind && a.deviceId === b.deviceId;
const textOf = (devices) => JSON.stringify(devices.map(({ kind, deviceId, label, groupId }) => [kind, deviceId, label, groupId]));
