// Constraints of tracks of sound: https://w3c.github.io/mediacapture-main/#constrainable-interface. A source that is open gives what it gives, so its
// settings are its capabilities, and constraints only say whether that will do.
import { interfaceNamed } from '../webidl/platform_object.js';

/// What no source here does to a sound.
export const kUnprocessed = { echoCancellation: false, autoGainControl: false, noiseSuppression: false };
/// Of what does not apply to sound nothing is required.
const kOfSound = new Set(['sampleRate', 'sampleSize', 'latency', 'channelCount', 'deviceId', 'groupId', ...Object.keys(kUnprocessed)]);

/// MediaTrackSupportedConstraints: those that are looked at.
export const supportedConstraints = () => Object.fromEntries([...kOfSound].sort().map((name) => [name, true]));

/// MediaTrackCapabilities, of MediaTrackSettings.
export function capabilitiesOf(settings) {
  const capabilities = {};
  for (const [name, value] of Object.entries({ ...settings, ...kUnprocessed })) {
    if (typeof value === 'number') capabilities[name] = { min: value, max: value };
    else capabilities[name] = typeof value === 'boolean' ? [value] : value;
  }
  return capabilities;
}

/// Throws an OverconstrainedError for the first constraint that has to be met and is not.
export function requireMet(constraints, settings) {
  const unmet = firstUnmet(constraints, capabilitiesOf(settings));
  if (!unmet) return;
  const actual = { ...kUnprocessed, ...settings }[unmet];
  throw overconstrained(unmet, `${unmet} has to be ${wordsOf(constraints[unmet])}, and is ${actual ?? 'not known'}`);
}

/// An OverconstrainedError.
export function overconstrained(name, message) {
  const { type: OverconstrainedError } = interfaceNamed('OverconstrainedError');
  return new OverconstrainedError(name, message);
}

/// The name of the first constraint of a set (but for its `advanced`) that has to be met and cannot be, or undefined.
export function firstUnmet({ advanced, ...basic }, capabilities) {
  return Object.keys(basic).find((name) => kOfSound.has(name) && !isPossible(basic[name], capabilities[name]));
}

/// A set as one of `advanced` counts: in it a bare value has to be met.
export const asRequired = (set) =>
  Object.fromEntries(Object.entries(set).map(([name, constraint]) => [name, isBare(constraint) ? { exact: constraint } : constraint]));

/// How far the best that is possible lies from what would be ideal: 0 (it is) … 1 for each constraint.
/// https://w3c.github.io/mediacapture-main/#dfn-fitness-distance
export function distance({ advanced, ...basic }, capabilities) {
  let sum = 0;
  for (const [name, constraint] of Object.entries(basic)) {
    const ideal = isBare(constraint) ? constraint : constraint.ideal;
    if (ideal === undefined || !kOfSound.has(name)) continue;
    if (typeof ideal !== 'number') {
      if (![ideal].flat().some((value) => includes(capabilities[name], value))) sum += 1;
      continue;
    }
    const actual = nearest(ideal, capabilities[name] ?? { min: 0, max: 0 });
    if (actual !== ideal) sum += Math.abs(actual - ideal) / Math.max(Math.abs(actual), Math.abs(ideal));
  }
  return sum;
}

/// A range as a constraint leaves it; undefined: nothing of it.
export function narrowed({ min, max }, constraint = {}) {
  const required = isBare(constraint) ? {} : constraint;
  const range = { min: Math.max(min, required.exact ?? required.min ?? min), max: Math.min(max, required.exact ?? required.max ?? max) };
  return range.min <= range.max ? range : undefined;
}

export const nearest = (value, { min, max }) => Math.min(Math.max(value, min), max);

export const idealOf = (constraint) => (constraint === undefined || isBare(constraint) ? constraint : constraint.ideal);

/// A bare value is what would be ideal.
const isBare = (constraint) => typeof constraint !== 'object' || Array.isArray(constraint);

const includes = (capability, value) => [capability].flat().includes(value);

function isPossible(constraint, capability) {
  if (isBare(constraint)) return true;
  const { exact, min, max } = constraint;
  if (exact === undefined && min === undefined && max === undefined) return true;
  if (capability === undefined) return false;
  if (typeof capability === 'object' && !Array.isArray(capability)) return narrowed(capability, constraint) !== undefined;
  return [exact].flat().some((value) => includes(capability, value));
}

export function wordsOf({ exact, min, max }) {
  const words = [];
  if (exact !== undefined) words.push(`${[exact].flat().join(' or ')}`);
  if (min !== undefined) words.push(`at least ${min}`);
  if (max !== undefined) words.push(`at most ${max}`);
  return words.join(', ');
}
