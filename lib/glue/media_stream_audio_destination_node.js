import { slotsOf } from '../webidl/platform_object.js';
import { streamOf } from './media_stream.js';

export const getStream = (impl) => slotsOf(impl).stream ??= streamOf([impl.track]);
