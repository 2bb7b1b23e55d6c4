// Constraints of tracks of sound: https://w3c.github.io/mediacapture-main/#constrainable-interface. A source gives what it gives, so its
// settings are its capabilities, and constraints only say whether that will do.
import { interfaceNamed } from '../webidl/platform_object.js';

/// What no source here does to a sound.
const kUnprocessed = { echoCancellation: false, autoGainControl: false, noiseSuppression: false };
/// Of what does not apply to sound nothing is required.
const kOfSound = new Set(['sampleRate', 'sampleSize', 'latency', 'channelCount', 'deviceId', 'groupId', ...Object.keys(kUnprocessed)]);

/// MediaTrackCapabilities, of MediaTrackSettings.
export function capabilitiesOf(settings) {
  const capabilities = {};
  for (const [name, value] of Object.entries(settings)) capabilities[name] = typeof value === 'number' ? { min: value, max: value } : value;
  for (const [name, value] of Object.entries(kUnprocessed)) capabilities[name] = [value];
  return capabilities;
}

/// Throws an OverconstrainedError for the first constraint that has to be met and is not.
export function requireMet(constraints, settings) {
  const actual = { ...kUnprocessed, ...settings };
  for (const [name, constraint] of Object.entries(constraints)) {
    if (!kOfSound.has(name) || isMet(constraint, actual[name])) continue;
    const { type: OverconstrainedError } = interfaceNamed('OverconstrainedError');
    throw new OverconstrainedError(name, `${name} has to be ${wordsOf(constraint)}, and is ${actual[name] ?? 'not known'}`);
  }
}

// A bare value is what would be ideal.
function isMet(constraint, value) {
  if (typeof constraint !== 'object' || Array.isArray(constraint)) return true;
  const { exact, min, max } = constraint;
  return (exact === undefined || [exact].flat().includes(value)) && (min === undefined || value >= min) && (max === undefined || value <= max);
}

function wordsOf({ exact, min, max }) {
  const words = [];
  if (exact !== undefined) words.push(`${[exact].flat().join(' or ')}`);
  if (min !== undefined) words.push(`at least ${min}`);
  if (max !== undefined) words.push(`at most ${max}`);
  return words.join(', ');
}
