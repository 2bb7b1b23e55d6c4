// performance (High Resolution Time): the wall clock of the machine that never goes back, in milliseconds since the scope was made.
(function (native, scope) {
  'use strict';
  const { EventTarget, TypeError, Object } = globalThis;
  const { now, timeOrigin } = native;

  let making = false;
  class Performance extends EventTarget {
    constructor() {
      if (!making) throw new TypeError('Illegal constructor');
      super();
    }
    now() { return now(); }
    get timeOrigin() { return timeOrigin; }
    toJSON() { return { timeOrigin }; }
  }
  scope.expose(Performance);
  making = true;
  Object.defineProperty(globalThis, 'performance', { value: new Performance(), writable: true, enumerable: true, configurable: true });
  making = false;
})
