import { slotsOf } from '../webidl/platform_object.js';

export const getContext = (impl) => slotsOf(impl).context;
