// The first half of sending: structured clone within this thread, which finds what cannot be cloned and detaches what is
// transferred. What it gives is free of getters and of anything but data.
import { isArrayBuffer } from '../webidl/convert.js';

const kNotCloneable = new Set([
  'ERR_INVALID_TRANSFER_OBJECT', 'ERR_MISSING_TRANSFERABLE_IN_TRANSFER_LIST', 'ERR_MISSING_MESSAGE_PORT_IN_TRANSFER_LIST',
]);

/// A clone of a value; transfer: the objects whose content moves to the clone. Throws a DataCloneError.
export function cloneMessage(value, transfer = []) {
  for (const object of transfer) checkTransferable(object);
  try {
    return structuredClone(value, { transfer });
  } catch (error) {
    throw kNotCloneable.has(error?.code) ? new DOMException(error.message, 'DataCloneError') : error;
  }
}

function checkTransferable(object) {
  if (isArrayBuffer(object) && isDetached(object)) {
    throw new DOMException('An ArrayBuffer in the transfer list is detached.', 'DataCloneError');
  }
}

function isDetached(buffer) {
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}
