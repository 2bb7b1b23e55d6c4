// setTimeout and its kin (HTML §8.7), paced by the audio clock: a timer is due at a frame, and fires at the first quantum boundary that is
// not before it. C++ looks at clock[2], the earliest such frame, and calls `dueTimer` and `fireTimer` when it has come.
(function (native, scope) {
  'use strict';
  const { Infinity, Map, Math, Reflect, TypeError } = globalThis;
  const { apply } = Reflect;
  const { ceil, max } = Math;
  const { clock, sampleRate } = native;
  const kNested = 5;          // levels, from which on
  const kNestedLeast = 4;     // milliseconds are the least
  const kFrame = 0, kDue = 2;

  const timers = new Map();   // id → timer
  let queue = [];             // a heap of timers, some of which are cleared
  let lastId = 0;
  let sequence = 0;
  let horizon = 0;            // of those made before this boundary
  let nesting = 0;
  let fired = null;

  const before = (a, b) => a.due < b.due || (a.due === b.due && a.sequence < b.sequence);

  function sink(i) {
    const timer = queue[i];
    for (let child; (child = 2 * i + 1) < queue.length; i = child) {
      if (child + 1 < queue.length && before(queue[child + 1], queue[child])) ++child;
      if (!before(queue[child], timer)) break;
      queue[i] = queue[child];
      queue[child] = timer;
    }
  }

  function push(timer) {
    let i = queue.length;
    queue[i] = timer;
    for (let parent; i > 0 && before(timer, queue[parent = (i - 1) >> 1]); i = parent) {
      queue[i] = queue[parent];
      queue[parent] = timer;
    }
  }

  function pop() {
    const last = queue.pop();
    if (queue.length === 0) return;
    queue[0] = last;
    sink(0);
  }

  function tidy() {
    if (queue.length > 64 + 2 * timers.size) {
      queue = queue.filter((timer) => timers.get(timer.id) === timer);
      for (let i = queue.length >> 1; i-- > 0;) sink(i);
    }
    while (queue.length > 0 && timers.get(queue[0].id) !== queue[0]) pop();
    clock[kDue] = queue.length > 0 ? queue[0].due : Infinity;
  }

  const period = (timer) => ceil(max(timer.timeout, timer.nesting > kNested ? kNestedLeast : 0) * sampleRate / 1000);

  function arm(timer, due) {
    timer.due = due;
    timer.sequence = ++sequence;
    push(timer);
  }

  function make(name, args, repeats) {
    const { 0: callback, 1: timeout } = args;
    if (args.length === 0) throw new TypeError(`Failed to execute '${name}': 1 argument required, but only 0 present.`);
    if (typeof callback !== 'function') throw new TypeError(`Failed to execute '${name}': parameter 1 ('handler') is not a function; text is not compiled here.`);
    const timer = { id: ++lastId, callback, args: args.slice(2), timeout: max(timeout | 0, 0), repeats, nesting, owner: native.owner(), due: 0, sequence: 0 };
    timers.set(timer.id, timer);
    arm(timer, clock[kFrame] + period(timer));
    tidy();
    return timer.id;
  }

  function clear(id) {
    if (timers.delete(id | 0)) tidy();
  }

  /** The node whose code set the timer that is due (0: nobody's in particular), or undefined. `begins`: a boundary. */
  scope.dueTimer = (begins) => {
    if (begins) horizon = sequence;
    nesting = 0;
    return queue.length > 0 && queue[0].due <= clock[kFrame] && queue[0].sequence <= horizon ? queue[0].owner : undefined;
  };
  scope.fireTimer = () => {
    const timer = queue[0];
    pop();
    fired = timer;
    nesting = timer.nesting + 1;
    if (timer.repeats) {
      // From frame to frame, so that it does not drift; what was missed is left out.
      timer.nesting = nesting;
      arm(timer, max(timer.due + period(timer), clock[kFrame] + 1));
    } else {
      timers.delete(timer.id);
    }
    tidy();
    apply(timer.callback, globalThis, timer.args);
  };

  /** All timers of whoever's code the one that fired last is; that alone, if nobody knows. */
  scope.endTimers = () => {
    for (const [id, timer] of timers) if (timer === fired || (fired.owner !== 0 && timer.owner === fired.owner)) timers.delete(id);
    tidy();
  };

  clock[kDue] = Infinity;
  scope.exposeOperations({
    setTimeout(handler, timeout = 0, ...args) { return make('setTimeout', arguments.length === 0 ? [] : [handler, timeout, ...args], false); },
    setInterval(handler, timeout = 0, ...args) { return make('setInterval', arguments.length === 0 ? [] : [handler, timeout, ...args], true); },
    clearTimeout(id = 0) { clear(id); },
    clearInterval(id = 0) { clear(id); },
  });
})
