export * from './generated/index.js';
import type { HTMLAudioElement, MediaDevices } from './generated/index.js';

/** An element that may load at once what `src` names: a URL, relative to the program. */
export declare var Audio: { prototype: HTMLAudioElement; new(src?: string): HTMLAudioElement; };

/** The devices of this machine, and tracks of what its inputs hear. `deviceId` is what `setSinkId` takes. */
export declare const mediaDevices: MediaDevices;

/** What of a browser's navigator has to do with sound. */
export declare const navigator: { readonly mediaDevices: MediaDevices; readonly userAgent: string; };
