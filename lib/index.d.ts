export * from './generated/index.js';
import type { HTMLAudioElement } from './generated/index.js';

/** An element that may load at once what `src` names: a URL, relative to the program. */
export declare var Audio: { prototype: HTMLAudioElement; new(src?: string): HTMLAudioElement; };
