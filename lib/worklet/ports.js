// The ports of AudioWorkletNodes and of AudioWorklets, and the form in which values travel to processors.
import { script } from '../script.js';
import { slotsOf } from '../webidl/platform_object.js';
import { pipesFor } from './channels.js';
import { cloneMessage } from './clone.js';
import { NodePort } from './node_port.js';
import { beginFor } from './relay.js';
import './transfer.js';

/// A value as the processors of a context can read it; transfer: what moves to them. Throws a DataCloneError.
export function serializeFor(context, value, transfer) {
  const sameProcess = 'startRendering' in context;   // offline rendering happens in this process, so memory can be shared
  const leaving = (transfer ?? []).filter((object) => object instanceof MessagePort);
  if (leaving.length > 0) {
    const [clone, ports] = cloneMessage([value, leaving], transfer);
    return script().serialize(clone, { sameProcess, ports, pipes: pipesFor(leaving, ports) });
  }
  const serialized = script().serialize(cloneMessage(value, transfer), { sameProcess });
  if (!sameProcess) beginFor(serialized);
  return serialized;
}

/// The port of a node, given its impl.
export function portOf(impl) {
  const slots = slotsOf(impl);
  return slots.port ??= portBefore(slots.context, (serialized) => impl.postMessage(serialized));
}

/// AudioWorklet.port, whose other end is AudioWorkletGlobalScope.port; context: an impl.
export function scopePortOf(context) {
  return slotsOf(context).port ??= portBefore(context, (serialized) => context.postToScope(serialized));
}

function portBefore(context, post) {
  return new NodePort({ post, serialize: (message, transfer) => serializeFor(context, message, transfer), listen: (begins) => context.listen(begins) });
}
