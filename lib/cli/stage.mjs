// What a command sees of the program it runs: the contexts it makes, and what goes wrong in them.

import { EventEmitter } from 'node:events';
import { loadAddon } from '../build.js';
import { setNative } from '../native.js';
import { settings } from '../settings.js';
import { slotsOf } from '../webidl/platform_object.js';
import { Failure } from './failure.mjs';

/**
 * Loads and initializes the engine with these settings and watches it: `contexts` are those that the program made, 'lost' ({message})
 * is emitted when one of them can play no longer, `refusal` is what the last failure to make one threw. Throws Failure where the build
 * is missing.
 */
export function openStage({ device, tap, tapSeconds, programName, inspect } = {}) {
  if (device !== undefined) settings.device = device;
  if (tap !== undefined) settings.tap = tap;
  if (tapSeconds !== undefined) settings.tapSeconds = tapSeconds;
  if (inspect !== undefined) settings.inspect = inspect;
  if (programName !== undefined) settings.programName = programName;
  let addon;
  try {
    addon = loadAddon('backline.node');
  } catch (error) {
    throw new Failure(error.message, { cause: error });
  }
  const stage = Object.assign(new EventEmitter(), { addon, contexts: [] });
  setNative(Object.assign(Object.create(addon), {
    AudioContext: new Proxy(addon.AudioContext, {
      construct(target, args, newTarget) {
        let context;
        try {
          context = Reflect.construct(target, args, newTarget);
        } catch (error) {
          stage.refusal = error;
          throw error;
        }
        stage.contexts.push(context);
        return context;
      },
    }),
    initialize: (options) => addon.initialize({
      ...options,
      onEvent(target, type, detail) {
        if (type === 'error' && stage.contexts.includes(target)) {
          slotsOf(target).wrapper?.addEventListener('error', () => {});  // the command tells of it, so nobody else need
          stage.emit('lost', detail);
        }
        options.onEvent(target, type, detail);
      },
    }),
  }));
  return stage;
}
