// What a process with worklets says to those who debug them, and is told (docs/formats/inspector.md).

export const kAdded = 1, kGone = 2, kLatin1 = 3, kUtf16 = 4, kOpen = 5, kClose = 6;

const kHeader = 12;

/// One message's bytes.
export function encode(kind, number, bytes = Buffer.alloc(0)) {
  const header = Buffer.alloc(kHeader);
  header.writeUInt32LE(bytes.length, 0);
  header.writeUInt32LE(kind, 4);
  header.writeUInt32LE(number, 8);
  return Buffer.concat([header, bytes]);
}

/// Calls back with (kind, number, bytes) for each whole message of a stream's chunks.
export function decoder(take) {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length ? Buffer.concat([rest, chunk]) : chunk;
    while (rest.length >= kHeader) {
      const end = kHeader + rest.readUInt32LE(0);
      if (rest.length < end) return;
      take(rest.readUInt32LE(4), rest.readUInt32LE(8), rest.subarray(kHeader, end));
      rest = rest.subarray(end);
    }
  };
}
