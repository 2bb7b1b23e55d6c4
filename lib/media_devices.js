// navigator.mediaDevices: https://w3c.github.io/mediacapture-main/#mediadevices
import { getEventListeners } from 'node:events';

import { MediaDevices } from './generated/interfaces.js';
import { Watch } from './media/devices.js';
import { onListening } from './webidl/event_handlers.js';
import { adopt, interfaceNamed } from './webidl/platform_object.js';

const impl = {};

/// The one that there is. It starts nothing before it is asked; who listens for devicechange keeps an audio server, but not the program.
export const mediaDevices = adopt(MediaDevices, interfaceNamed('MediaDevices'), impl);

const watch = new Watch(impl);
onListening(mediaDevices, () => watch.set(getEventListeners(mediaDevices, 'devicechange').length > 0));

// The end of a live track is still to be told, though the program may hold nothing of it but a listener.
interfaceNamed('MediaStreamTrack').adopted = (track, impl) => {
  onListening(track, () => impl.listened(getEventListeners(track, 'ended').length > 0));
};

/// What of a browser's navigator has to do with sound, and what Node's own says from version 21 on.
export const navigator = Object.freeze({ mediaDevices, userAgent: globalThis.navigator?.userAgent ?? `Node.js/${process.versions.node.split('.')[0]}` });
