import { supportedConstraints } from '../media/constraints.js';
import { listDevices, wrapped } from '../media/devices.js';
import { openInput } from '../media/user_media.js';
import { interfaceNamed, wrap } from '../webidl/platform_object.js';
import { streamOf } from './media_stream.js';

export const enumerateDevices = async () => (await listDevices()).map(wrapped);

export const getSupportedConstraints = supportedConstraints;

export const getUserMedia = async (impl, constraints) => wrap(streamOf([await openInput(constraints)]), interfaceNamed('MediaStream'));
