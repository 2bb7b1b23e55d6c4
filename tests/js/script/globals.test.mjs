// What the scope has beside Web Audio: the same code runs here, in Node, and gives the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Session } from './driver.mjs';

/** What a function body returns or throws in a worklet's scope. */
function inScope(body, session = new Session()) {
  session.load(`console.log(JSON.stringify((() => { try { return [(() => { ${body} })()]; } catch (e) { return ['threw', e.name]; } })()))`);
  return JSON.parse(session.console().at(-1).slice('log: '.length));
}

/** The same in this program, whose Node implements the same standards. */
const here = (body) => JSON.parse(JSON.stringify(new Function(`try { return [(() => { ${body} })()]; } catch (e) { return ['threw', e.name]; }`)()));

function agree(...bodies) {
  for (const body of bodies) assert.deepEqual(inScope(body), here(body), body);
}

test('interfaces and operations of the scope are as Web IDL has them', () => {
  const s = new Session();
  for (const name of ['TextDecoder', 'TextEncoder', 'URL', 'URLSearchParams', 'Performance', 'MessagePort', 'EventTarget']) {
    assert.deepEqual(inScope(`const d = Object.getOwnPropertyDescriptor(globalThis, '${name}');
      return [d.writable, d.enumerable, d.configurable, 'value' in d, d.value.name, Object.prototype.toString.call(d.value.prototype),
        Object.keys(d.value.prototype).length > 0]`, s), [[true, false, true, true, name, `[object ${name}]`, true]], name);
  }
  for (const name of ['atob', 'btoa', 'structuredClone', 'queueMicrotask', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval']) {
    assert.deepEqual(inScope(`const d = Object.getOwnPropertyDescriptor(globalThis, '${name}'); return [d.writable, d.enumerable, d.configurable, typeof d.value, d.value.name];`, s),
      [[true, true, true, 'function', name]], name);
  }
});

test('a global that nobody has used yet can be replaced, as one that was', () => {
  assert.deepEqual(inScope('URL = 5; const before = URL; delete globalThis.TextEncoder; return [before, typeof TextEncoder, "TextDecoder" in globalThis];'), [[5, 'undefined', true]]);
});

test('TextEncoder and TextDecoder agree on UTF-8 of every kind of text', () => {
  agree(
    'return [...new TextEncoder().encode("aé€😀\\0")];',
    'return [...new TextEncoder().encode("\\ud800x\\udfff")];',
    'return [...new TextEncoder().encode()];',
    'return [...new TextEncoder().encode(null)];',
    'const d = new Uint8Array(7); const r = new TextEncoder().encodeInto("aé😀€", d); return [r, [...d]];',
    'const d = new Uint8Array(6); const r = new TextEncoder().encodeInto("aé😀€", d); return [r, [...d]];',
    'return new TextEncoder().encodeInto("\\ud800", new Uint8Array(2));',
    'return new TextDecoder().decode(new Uint8Array([0xef, 0xbb, 0xbf, 0x61, 0xef, 0xbb, 0xbf]));',
    'return new TextDecoder("utf8", { ignoreBOM: true }).decode(new Uint8Array([0xef, 0xbb, 0xbf, 0x61]));',
    'return new TextDecoder().decode(new Uint8Array([0x61, 0xc0, 0x80, 0xe2, 0x82, 0x62, 0xf0, 0x9f, 0x98, 0xff, 0xed, 0xa0, 0x80, 0xf4, 0x90, 0x80, 0x80]));',
    'return new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([0x61, 0xff]));',
    'return new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([0xe2, 0x82]));',
    'const d = new TextDecoder("utf-8", { fatal: true }); return [d.fatal, d.ignoreBOM, d.encoding, Object.keys(d)];',
    'return new TextDecoder().decode(new Uint8Array([1, 0x62, 0x63]).subarray(1));',
    'return new TextDecoder().decode(new Uint16Array([0x6261]));',
    'return new TextDecoder().decode(new DataView(new Uint8Array([0x62]).buffer));',
    'return new TextDecoder().decode(new Uint8Array([0x62]).buffer);',
    'return new TextDecoder().decode();',
    'return new TextDecoder().decode("text");',
    'return new TextDecoder().decode(null);',
    'return new TextEncoder().encodeInto("a");',
    'return new TextEncoder().encodeInto("a", new Uint16Array(2));',
    'return TextDecoder();',
  );
});

test('a stream of bytes is decoded whole wherever it is cut', () => {
  agree(...[1, 2, 3, 5].map((step) => `const bytes = new TextEncoder().encode("\\ufeffzwölf ♪ 😀 Ende"); const d = new TextDecoder(); let text = '';
    for (let i = 0; i < bytes.length; i += ${step}) text += d.decode(bytes.subarray(i, i + ${step}), { stream: true });
    return [text + d.decode(), d.decode(new Uint8Array([0xef, 0xbb, 0xbf, 0x62]))];`),
  'const d = new TextDecoder(); return [d.decode(new Uint8Array([0xf0, 0x9f]), { stream: true }), d.decode(), d.decode(new Uint8Array([0x98]))];',
  'const d = new TextDecoder("utf-16le"); let t = ""; for (const byte of [0x3d, 0xd8, 0, 0xde, 0x61]) t += d.decode(new Uint8Array([byte]), { stream: true }); return t + d.decode();');
});

test('UTF-16, single-byte and multi-byte encodings are known by all their labels', () => {
  agree(
    'return new TextDecoder("utf-16le").decode(new Uint8Array([0xff, 0xfe, 0x61, 0, 0x3d, 0xd8, 0, 0xde]));',
    'return new TextDecoder("utf-16be").decode(new Uint8Array([0, 0x61, 0xd8, 0x3d, 0xde, 0]));',
    'return new TextDecoder("utf-16").decode(new Uint8Array([0x61, 0, 0, 0xd8]));',
    'return new TextDecoder("shift_jis").decode(new Uint8Array([0x82, 0xa0, 0x61]));',
    'return new TextDecoder("koi8-r").decode(new Uint8Array([0xc1, 0xd7]));',
    'return [" UTF-8\\n", "unicode-1-1-utf-8", "ucs-2", "latin1", "ascii", "sjis", "gb2312", "iso88591"].map((label) => new TextDecoder(label).encoding);',
    'return new TextDecoder("utf-7");',
    'return new TextDecoder("replacement");',
  );
  // Node's own windows-1252 leaves the C1 characters alone; the standard does not.
  assert.deepEqual(inScope('return new TextDecoder("latin1").decode(new Uint8Array([0x80, 0xe9]));'), ['€é']);
  assert.deepEqual(inScope('return new TextDecoder("x-user-defined").decode(new Uint8Array([0x80, 0x61]));'), ['\uf780a']);
});

test('a shared buffer, a detached one and one that grows can be decoded', () => {
  assert.deepEqual(inScope(`const shared = new SharedArrayBuffer(2); new Uint8Array(shared).fill(0x61);
    const gone = new ArrayBuffer(3); structuredClone(gone, { transfer: [gone] });
    const grows = new ArrayBuffer(1, { maxByteLength: 4 }); new Uint8Array(grows)[0] = 0x62; if (grows.resizable) grows.resize(1);
    return [shared, gone, grows].map((b) => new TextDecoder().decode(b));`), [['aa', '', 'b']]);
});

test('URL parses, resolves and serializes as the standard says', () => {
  agree(...['http://user:pw@EXAMPLE.com:80/a/../b?c#d', 'https://例え.テスト/パス?クエリ', 'file:///C|/x/../y', '  javascript:alert(1) ', 'http://[::1]:8080/', 'http://0x7f.1/', 'data:text/plain,a b', 'http://a b/', '//x', 'http://ex%41mple.com/%7e', 'blob:https://a/b', 'http://a:99999/']
    .map((url) => `const u = new URL(${JSON.stringify(url)}); return [u.href, u.origin, u.host, u.pathname, u.search, u.hash, u.username, JSON.stringify(u), String(u)];`),
  'return new URL("../x?y", "http://h/a/b/c").href;',
  'return URL.canParse("../x");',
  'const u = new URL("http://h/"); u.searchParams.append("a b", "ä&="); u.hash = "x y"; u.port = "81"; u.protocol = "https"; return u.href;',
  'return new URL();', 'return URL("http://a");');
});

test('URLSearchParams reads, sorts and writes as the standard says', () => {
  agree('const p = new URLSearchParams("?a=1&b=2&a=3&%zz=+%20&d"); return [[...p], p.get("a"), p.getAll("a"), p.has("b"), p.get("x"), String(p)];',
    'const p = new URLSearchParams([["z", "1"], ["a", "😀"]]); p.sort(); p.set("z", "2"); p.delete("a"); return [String(p), p.size];',
    'return String(new URLSearchParams({ a: 1, b: "é" }));',
    'return new URLSearchParams([[1]]);');
});

test('atob and btoa are forgiving where the standard is, and nowhere else', () => {
  agree(...['', 'YQ==', 'YQ=', 'YQ', ' Y\tQ\n=\f=\r', 'YWI=', 'YWJj', 'YQ===', 'Y', 'Y===', '=', '==', 'YW=J', 'YR==', '-_8=', '//79', 'ab\u00a0c', 'é', '\u000bYQ==']
    .map((text) => `return [...atob(${JSON.stringify(text)})].map((c) => c.charCodeAt(0));`),
  ...['', 'a', 'ab', 'abc', '\u00ff\u0000é', '€', '\ud83d\ude00'].map((text) => `return btoa(${JSON.stringify(text)});`),
  'return btoa(undefined) + btoa(null) + btoa(12) + atob(null);', 'return atob();', 'return btoa();',
  'let s = ""; for (let i = 0; i < 30000; i++) s += String.fromCharCode(i * 7 & 255); return atob(btoa(s)) === s && btoa(s).length;');
});

test('structuredClone copies, keeps identity and cycles, and moves what is transferred', () => {
  agree(
    'const a = { d: new Date(7), m: new Map([[1, new Set([2])]]), r: /x/g, n: null, u: undefined, b: 3n.toString() }; a.self = a; const c = structuredClone(a); return [c !== a, c.self === c, c.d.getTime(), [...c.m.get(1)], c.r.flags, "u" in c];',
    'const b = new Uint8Array([1, 2]).buffer; const c = structuredClone({ b, v: new Uint8Array(b, 1) }, { transfer: [b] }); return [b.byteLength, c.b.byteLength, c.v[0], c.v.buffer === c.b];',
    'return structuredClone(() => {});', 'return structuredClone(Symbol());', 'return structuredClone();', 'return structuredClone(1, 5);',
    'const b = new ArrayBuffer(1); return structuredClone(b, { transfer: [b, b] });',
    'const e = structuredClone(new RangeError("r")); return [e instanceof RangeError, e.message];',
    'return Object.keys(structuredClone([, 1, , 2]));',
  );
  assert.deepEqual(inScope('const s = new SharedArrayBuffer(4); const c = structuredClone(s); new Uint8Array(s)[1] = 8; const m = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true }); const n = structuredClone(m); new Uint8Array(m.buffer)[5] = 6; return [new Uint8Array(c)[1], new Uint8Array(n.buffer)[5]];'), [[8, 6]]);
  const s = new Session();
  s.load("registerProcessor('p', class extends AudioWorkletProcessor { constructor() { super(); for (const v of [this, this.port, new Event('x')]) try { structuredClone(v); } catch (e) { console.log(e.name, e instanceof DOMException); } } })");
  s.create('p');
  assert.deepEqual(s.console(), Array(3).fill('log: DataCloneError true'));
});

test('performance.now() never goes back and goes on with the wall clock, whatever the audio clock does', () => {
  const [now] = inScope('const seen = []; for (let i = 0; i < 1000; i++) seen.push(performance.now()); const end = performance.now() + 5; while (performance.now() < end); return [seen.every((t, i) => i === 0 || t >= seen[i - 1]), performance.now() - seen[0] >= 5, Math.abs(performance.timeOrigin + performance.now() - Date.now()) < 1000, currentTime, performance.toJSON().timeOrigin === performance.timeOrigin, performance instanceof EventTarget];');
  assert.deepEqual(now, [true, true, true, 0, true, true]);
  assert.deepEqual(inScope('return new Performance();'), ['threw', 'TypeError']);
});

test('WebAssembly is compiled at once and in the background', () => {
  const bytes = '[0,97,115,109,1,0,0,0,1,7,1,96,2,127,127,1,127,3,2,1,0,7,7,1,3,97,100,100,0,0,10,9,1,7,0,32,0,32,1,106,11]';
  const s = new Session();
  s.load(`const bytes = new Uint8Array(${bytes});
    console.log(new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports.add(2, 3));
    const { instance } = await WebAssembly.instantiate(bytes);
    console.log(instance.exports.add(4, 5), WebAssembly.validate(bytes), (await WebAssembly.compile(bytes)) instanceof WebAssembly.Module);
    await WebAssembly.compile(new Uint8Array([1, 2, 3])).catch((e) => console.log(e.name));`);
  assert.deepEqual(s.console(), ['log: 5', 'log: 9 true true', 'log: CompileError']);
});
