import { randomUUID } from 'node:crypto';

import { interfaceNamed, wrap } from '../webidl/platform_object.js';
import { clone as cloneTrack } from './media_stream_track.js';

/// A MediaStream's impl: the impls of its tracks, in the order they were added.
class Stream {
  id = randomUUID();
  tracks = new Set();
  observers = new Set();

  constructor(tracks) {
    for (const track of tracks) this.tracks.add(track);
  }

  get active() {
    return [...this.tracks].some((track) => track.readyState === 'live');
  }
}

/// For streams that are not made by a program.
export const streamOf = (tracks) => new Stream(tracks);

const wrapped = (tracks) => Array.from(tracks, (track) => wrap(track, interfaceNamed('MediaStreamTrack')));

/// From nothing, another stream, or a sequence of tracks.
export const construct = (given = []) => new Stream(given instanceof Stream ? given.tracks : given);

export const getTracks = (impl) => wrapped(impl.tracks);
export const getAudioTracks = getTracks;
export const getVideoTracks = () => [];   // there is nothing to see here
export const getTrackById = (impl, id) => [...impl.tracks].find((track) => track.id === id);

export function addTrack(impl, track) {
  if (impl.tracks.has(track)) return;
  impl.tracks.add(track);
  changed(impl);
}

export function removeTrack(impl, track) {
  if (impl.tracks.delete(track)) changed(impl);
}

/// Calls `observer` whenever a track is added or removed, until what this gives is called.
export function observe(impl, observer) {
  impl.observers.add(observer);
  return () => impl.observers.delete(observer);
}

function changed(impl) {
  for (const observer of [...impl.observers]) observer();
}

export const clone = (impl) => new Stream([...impl.tracks].map(cloneTrack));
