import { scopePortOf } from '../worklet/ports.js';

export const getPort = (impl) => scopePortOf(impl.context);
