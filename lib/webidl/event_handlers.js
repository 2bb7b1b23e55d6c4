// Event handler IDL attributes (onended and its like), as HTML defines event handlers:
// https://html.spec.whatwg.org/multipage/webappapis.html#event-handler-attributes

const kHandlers = new WeakMap();   // wrapper → Map of event type → { callback, listener }

/// The handler for an event type, or null.
export function getHandler(target, type) {
  return kHandlers.get(target)?.get(type)?.callback ?? null;
}

/// Sets the handler for an event type; what is no object counts as null. The handler takes its place among the
/// listeners when it is first set, keeps it while it is replaced, and loses it with null.
export function setHandler(target, type, value) {
  const callback = (typeof value === 'object' && value !== null) || typeof value === 'function' ? value : null;
  let handlers = kHandlers.get(target);
  const handler = handlers?.get(type);
  if (callback === null) {
    if (!handler) return;
    handlers.delete(type);
    EventTarget.prototype.removeEventListener.call(target, type, handler.listener);
    kListening.get(target)?.();
    return;
  }
  if (handler) {
    handler.callback = callback;
    return;
  }
  if (!handlers) kHandlers.set(target, handlers = new Map());
  const added = {
    callback,
    listener(event) { callHandler(added.callback, target, event); },
  };
  handlers.set(type, added);
  EventTarget.prototype.addEventListener.call(target, type, added.listener);
  kListening.get(target)?.();
}

const kListening = new WeakMap();   // wrapper → what is called when its listeners have changed

/// Has `changed` called whenever listeners may have come to a target, or gone.
export function onListening(target, changed) {
  kListening.set(target, changed);
  for (const name of ['addEventListener', 'removeEventListener']) {
    const value = function (...args) {
      EventTarget.prototype[name].apply(this, args);
      changed();
    };
    Object.defineProperty(target, name, { value, writable: true, configurable: true });
  }
}

function callHandler(callback, target, event) {
  if (typeof callback !== 'function') return;
  if (Reflect.apply(callback, target, [event]) === false) event.preventDefault();
}
