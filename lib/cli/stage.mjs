// What a command sees of the program it runs: the contexts it makes, and what goes wrong in them.

import { EventEmitter } from 'node:events';
import { loadAddon } from '../build.js';
import { setNative } from '../native.js';
import { settings } from '../settings.js';
import { Failure } from './failure.mjs';

/**
 * Loads and initializes the engine with these settings and watches it. Emits 'context' (impl) when the program makes an AudioContext
 * and 'lost' ({message}) when one of them can play no longer. Throws Failure where the build is missing.
 */
export function openStage({ device, tap, tapSeconds } = {}) {
  if (device !== undefined) settings.device = device;
  if (tap !== undefined) settings.tap = tap;
  if (tapSeconds !== undefined) settings.tapSeconds = tapSeconds;
  let addon;
  try {
    addon = loadAddon('backline.node');
  } catch (error) {
    throw new Failure(error.message, { cause: error });
  }
  const stage = Object.assign(new EventEmitter(), { addon, contexts: [] });
  setNative({
    ...addon,
    AudioContext: new Proxy(addon.AudioContext, {
      construct(target, args, newTarget) {
        const [options] = args;
        const sink = stage.sinkId === undefined || options?.sinkId ? options : { ...options, sinkId: stage.sinkId };
        const context = Reflect.construct(target, [sink], newTarget);
        stage.contexts.push(context);
        stage.emit('context', context);
        return context;
      },
    }),
    initialize: (options) => addon.initialize({
      ...options,
      onEvent(target, type, detail) {
        options.onEvent(target, type, detail);
        if (type === 'error' && stage.contexts.includes(target)) stage.emit('lost', detail);
      },
    }),
  });
  return stage;
}

/**
 * Makes the device that the settings name, if it is a real one, that of every context which names none itself; 'virtual' and 'stepped'
 * are always there. Throws Failure with the names there are.
 */
export async function selectDevice(stage) {
  const name = settings.device;
  if (name === undefined || name === 'virtual' || name === 'stepped') return;
  const outputs = (await stage.addon.devices()).devices.filter((device) => !device.input);
  const found = outputs.find((device) => device.id === name)
    ?? outputs.find((device) => device.name.toLowerCase() === name.toLowerCase());
  if (found) {
    stage.sinkId = found.id;
    return;
  }
  const names = new Set([...outputs.map((device) => device.name), 'virtual', 'stepped']);
  throw new Failure(`no device called "${name}"; there are ${[...names].map((each) => `"${each}"`).join(', ')}`);
}
