import { capabilitiesOf, requireMet } from '../media/constraints.js';
import { slotsOf } from '../webidl/platform_object.js';

/// https://w3c.github.io/mediacapture-main/#dom-mediastreamtrack-getsettings
export const getSettings = (impl) => impl.settings();

export const getCapabilities = (impl) => capabilitiesOf(impl.settings());

/// Those that were applied last, as a copy.
export const getConstraints = (impl) => structuredClone(slotsOf(impl).constraints ?? {});

/// https://w3c.github.io/mediacapture-main/#dom-mediastreamtrack-applyconstraints. None of `advanced` has to be met.
export async function applyConstraints(impl, constraints) {
  if (impl.readyState === 'ended') return;
  const { advanced, ...basic } = constraints;
  requireMet(basic, impl.settings());
  slotsOf(impl).constraints = constraints;
}
