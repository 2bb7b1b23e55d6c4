export const construct = (constraint) => ({ constraint });

/// Of the DOMException that it is.
export const baseArguments = (constraint, message) => [message, 'OverconstrainedError'];
