// atob and btoa (infra.spec.whatwg.org/#forgiving-base64, HTML §8.3).
(function (native, scope) {
  'use strict';
  const { DOMException, String, TypeError, Uint8Array } = globalThis;
  const kAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const kSpace = 64;
  const kChunk = 4096;   // characters put together at once
  const values = new Uint8Array(128).fill(255);
  for (let i = 0; i < 64; ++i) values[kAlphabet.charCodeAt(i)] = i;
  for (const space of '\t\n\f\r ') values[space.charCodeAt(0)] = kSpace;

  const required = (name) => new TypeError(`Failed to execute '${name}': 1 argument required, but only 0 present.`);
  const invalid = (text) => new DOMException(text, 'InvalidCharacterError');
  const undecodable = () => invalid("Failed to execute 'atob': the string is not correctly encoded.");

  function atob(data) {
    if (arguments.length === 0) throw required('atob');
    data = `${data}`.replace(/[\t\n\f\r ]+/g, '');
    if (data.length % 4 === 0 && data.endsWith('=')) data = data.slice(0, data.endsWith('==') ? -2 : -1);
    if (data.length % 4 === 1) throw undecodable();
    let text = '';
    let chunk = [];
    let bits = 0;
    for (let i = 0; i < data.length; ++i) {
      const code = data.charCodeAt(i);
      const value = code < 128 ? values[code] : 255;
      if (value >= kSpace) throw undecodable();
      bits = bits << 6 | value;
      const have = i % 4;
      if (have > 0) chunk.push(bits >> 6 - 2 * have & 255);
      if (have === 3) bits = 0;
      if (chunk.length >= kChunk) {
        text += String.fromCharCode(...chunk);
        chunk = [];
      }
    }
    return text + String.fromCharCode(...chunk);
  }

  function btoa(data) {
    if (arguments.length === 0) throw required('btoa');
    data = `${data}`;
    let text = '';
    for (let i = 0; i < data.length; i += 3) {
      const left = data.length - i;
      const [a, b, c] = [data.charCodeAt(i), left > 1 ? data.charCodeAt(i + 1) : 0, left > 2 ? data.charCodeAt(i + 2) : 0];
      if ((a | b | c) > 255) throw invalid("Failed to execute 'btoa': the string has a character beyond Latin1.");
      const word = a << 16 | b << 8 | c;
      text += kAlphabet[word >> 18] + kAlphabet[word >> 12 & 63] + (left > 1 ? kAlphabet[word >> 6 & 63] : '=') + (left > 2 ? kAlphabet[word & 63] : '=');
    }
    return text;
  }

  scope.exposeOperations({ atob, btoa });
})
