// Errors for people: what is wrong, where, and what to do.

import { fileURLToPath } from 'node:url';
import { relative } from 'node:path';

/** A failure whose message is all there is to say: shown without a stack, ends the command with exit status 1. */
export class Failure extends Error {}

const kLongURL = 60;
const kMostPlaces = 8;

const own = new URL('../', import.meta.url).href;
const frame = /(?:\(|at )(?:async )?((?:file:\/\/)?\/[^():]*):(\d+):(\d+)\)?$/;

/** A place as people know it: files relative to where they are, other URLs cut short. */
function shorten(place) {
  if (/^(?!file:)[a-z]+:/.test(place)) return place.length > kLongURL ? `${place.slice(0, kLongURL)}…` : place;
  const path = place.startsWith('file:') ? fileURLToPath(place) : place;
  const near = relative(process.cwd(), path);
  return near.startsWith('..') ? path : near;
}

/** The places of a stack that lie in the user's files, innermost first, as "file:line:column". */
function places(stack) {
  return stack.split('\n').map((line) => frame.exec(line.trim()))
    .filter((match) => match && !match[1].startsWith(own) && !match[1].startsWith(fileURLToPath(own)))
    .map(([, file, line, column]) => `${shorten(file)}:${line}:${column}`);
}

/** Where V8's note at the head of a stack (file:line, the source line, a caret) points, for errors of syntax. */
function noted(stack) {
  const match = /^((?:file:\/\/)?\/[^\n]*):(\d+)\n[^\n]*\n( *)\^/.exec(stack);
  return match && `${shorten(match[1])}:${match[2]}:${match[3].length + 1}`;
}

/** One message for anything thrown: place, name, message, and the rest of the way there. `note`: Node's on an error of syntax. */
export function describe(error, note = '') {
  if (typeof error?.message !== 'string') return `uncaught ${typeof error}: ${String(error)}`;
  const stack = String(error.stack ?? '');
  // Errors of worklet modules say where they are from in attributes: they crossed from another isolate.
  const where = error.url ? [`${shorten(error.url)}:${error.line ?? 1}:${error.column ?? 1}`] : [];
  const [first, ...rest] = [...new Set([...where, noted(note) ?? noted(stack), ...places(stack)].filter(Boolean))];
  const head = `${error.name}: ${error.message}`;
  const cause = error.cause === undefined ? '' : `\n  because ${describe(error.cause)}`;
  return (first ? `${first}: ${head}` : head) + rest.slice(0, kMostPlaces).map((place) => `\n    at ${place}`).join('') + cause;
}
