import { capabilitiesOf, kUnprocessed, requireMet } from '../media/constraints.js';
import { slotsOf } from '../webidl/platform_object.js';

/// https://w3c.github.io/mediacapture-main/#dom-mediastreamtrack-getsettings
export function getSettings(impl) {
  const { groupId } = slotsOf(impl);   // of a track of an input
  return groupId === undefined ? impl.settings() : { ...impl.settings(), groupId, ...kUnprocessed };
}

export const getCapabilities = (impl) => capabilitiesOf(getSettings(impl));

/// Those that were applied last, as a copy.
export const getConstraints = (impl) => structuredClone(slotsOf(impl).constraints ?? {});

/// https://w3c.github.io/mediacapture-main/#dom-mediastreamtrack-applyconstraints. None of `advanced` has to be met.
export async function applyConstraints(impl, constraints) {
  if (impl.readyState === 'ended') return;
  requireMet(constraints, getSettings(impl));
  slotsOf(impl).constraints = constraints;
}

/// With what was applied to the track.
export function clone(impl) {
  const copy = impl.clone();
  const { constraints, groupId } = slotsOf(impl);
  Object.assign(slotsOf(copy), { constraints, groupId });
  return copy;
}
