export * from './generated/index.js';
import type { AudioNode, HTMLAudioElement, MediaDevices } from './generated/index.js';
import type { Event, EventTarget } from './dom_types.d.ts';

/** An element that may load at once what `src` names: a URL, relative to the program. */
export declare var Audio: { prototype: HTMLAudioElement; new(src?: string): HTMLAudioElement; };

/** The devices of this machine, and tracks of what its inputs hear. `deviceId` is what `setSinkId` takes. */
export declare const mediaDevices: MediaDevices;

/** What of a browser's navigator has to do with sound. */
export declare const navigator: { readonly mediaDevices: MediaDevices; readonly userAgent: string; };

/** How a recording's files are made. */
export interface RecorderOptions {
  /** Where to; with `split` a number goes before the extension. */
  file: string;
  /** Otherwise as the file's name ends. wav: 32-bit floats, RF64 beyond 4 GB; flac: 24 bits; ogg: Vorbis. */
  format?: 'wav' | 'flac' | 'ogg' | 'opus';
  /** 1 … 32 (2); what the node gives is mixed to them. */
  channels?: number;
  /** Of the node (0). */
  output?: number;
  /** Seconds of a file; none: one file. */
  split?: number;
  /** Seconds after which it ends by itself. */
  seconds?: number;
  /** A file that is there is replaced; otherwise it is an error. */
  replace?: boolean;
}

export interface RecorderReport {
  frames: number;
  /** Seconds. */
  duration: number;
  bytes: number;
  /** Times that frames were lost, and how many: in the files they are silence. */
  gaps: number;
  lostFrames: number;
  pausedFrames: number;
  files: string[];
  /** Largest magnitude, a channel each. */
  peaks: number[];
  /** Why it ended early, or ''. */
  failure: string;
}

/** A gap is silence in the file. */
export type RecorderGapEvent = Event & { readonly frame: number; readonly frames: number; readonly reason: string };
export type RecorderErrorEvent = Event & { readonly message: string; readonly error: Error };

/** Records what a node of a running graph gives, on threads of its own: whatever the program does meanwhile, no frame is lost. */
export interface Recorder extends EventTarget {
  readonly state: 'inactive' | 'recording' | 'paused';
  readonly report: RecorderReport | null;
  ongap: ((event: RecorderGapEvent) => any) | null;
  onerror: ((event: RecorderErrorEvent) => any) | null;
  onstop: ((event: Event) => any) | null;
  /** Begins with the next quantum that the context renders. */
  start(): void;
  /** To the frame, as resume(). */
  pause(): void;
  resume(): void;
  stop(): Promise<RecorderReport | null>;
  /** The largest magnitude of each channel since the last call. */
  levels(): number[];
}
export declare var Recorder: { prototype: Recorder; new(node: AudioNode, options: RecorderOptions): Recorder; };
