// https://html.spec.whatwg.org/multipage/imagebitmap-and-animations.html#animation-frames, sixty times a second by the clock. A program that
// waits for nothing but its next frame ends.
const kInterval = 1000 / 60;

let callbacks = new Map();
let last = 0;
let running = new Map();   // those of the frame that is being shown

/// Calls `callback` before the next frame, with the time in milliseconds. Returns what cancelAnimationFrame() takes.
export function requestAnimationFrame(callback) {
  if (typeof callback !== 'function') throw new TypeError("Failed to execute 'requestAnimationFrame': parameter 1 is not a function.");
  if (callbacks.size === 0) setTimeout(show, kInterval - (performance.now() % kInterval)).unref();
  callbacks.set(++last, callback);
  return last;
}

export function cancelAnimationFrame(handle) {
  callbacks.delete(handle);
  running.delete(handle);
}

function show() {
  running = callbacks;
  callbacks = new Map();
  const now = performance.now();
  for (const callback of running.values()) {
    try {
      callback(now);
    } catch (error) {
      queueMicrotask(() => { throw error; });   // is told as what nobody caught; the others are called all the same
    }
  }
}
