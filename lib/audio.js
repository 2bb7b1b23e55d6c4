// https://html.spec.whatwg.org/multipage/media.html#dom-audio: the constructor of HTMLAudioElements.
import { HTMLAudioElement } from './generated/interfaces.js';
import { native } from './native.js';
import { adopt, interfaceNamed } from './webidl/platform_object.js';

/// new Audio(src): an element that may load at once what `src` names, a URL relative to the program.
export function Audio(src = undefined) {
  if (!new.target) throw new TypeError("Failed to construct 'Audio': it is to be called with 'new'.");
  const text = src === undefined ? undefined : String(src);
  const element = adopt(new.target, interfaceNamed('HTMLAudioElement'), new (native().MediaElement)());
  element.preload = 'auto';
  if (text !== undefined) element.src = text;
  return element;
}
Object.defineProperty(Audio, 'prototype', { value: HTMLAudioElement.prototype, writable: false });
Object.setPrototypeOf(Audio, HTMLAudioElement);   // by which Node knows the targets of events of derived classes, too
