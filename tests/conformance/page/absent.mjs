// Notices when a page uses what Backline has not yet, so that such failures are counted apart.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parse } from 'webidl2';

const kElsewhere = ['Audio', 'HTMLAudioElement', 'HTMLMediaElement', 'HTMLVideoElement', 'MediaStream', 'MediaStreamTrack', 'MediaRecorder',
  'RTCPeerConnection', 'Worker', 'SharedWorker', 'OffscreenCanvas'];
const list = JSON.parse(readFileSync(new URL('../../../lib/idl/interfaces.json', import.meta.url), 'utf8'));
const idlFolder = dirname(createRequire(import.meta.url).resolve('@webref/idl/package.json'));

const isInWindow = ({ extAttrs }) => {
  const exposed = extAttrs.find(({ name }) => name === 'Exposed')?.rhs;
  return !exposed || exposed.type === '*' || [exposed.value].flat().some((each) => (each.value ?? each) === 'Window');
};

/** The interfaces, and the members of implemented interfaces (name → what is needed), that are not there. */
export class Absent {
  interfaces = new Set(kElsewhere.filter((name) => !(name in globalThis)));
  members = new Map();
  #touched = new Set();

  constructor() {
    const definitions = parse(readFileSync(join(idlFolder, 'webaudio.idl'), 'utf8')).filter(({ type }) => type === 'interface');
    for (const definition of definitions) {
      if (!list.interfaces.includes(definition.name) && isInWindow(definition)) this.interfaces.add(definition.name);
    }
    for (const definition of definitions) this.#findMembers(definition);
  }

  #findMembers({ name: owner, members }) {
    const prototype = globalThis[owner]?.prototype;
    for (const { name, idlType } of prototype ? members : []) {
      if (!name || name in prototype || name in globalThis[owner]) continue;
      const type = idlType?.idlType;
      this.members.set(name, this.interfaces.has(type) ? type : `${owner}.${name}`);
    }
  }

  touch(what) { this.#touched.add(what); }

  /** What was used since the last call with forget. */
  touched({ forget }) {
    const names = [...this.#touched];
    if (forget) this.#touched.clear();
    return names;
  }

  /** Watches: the global scope for interfaces, all event targets (contexts and nodes are) for members. */
  watch() {
    this.#follow(globalThis, (name) => this.interfaces.has(name) && name);
    this.#follow(EventTarget.prototype, (name) => this.members.get(name));
  }

  // Whatever is not found on an object is looked for in its prototype, at last in this one.
  #follow(object, need) {
    const notice = (name) => {
      const needed = need(name);
      if (needed) this.touch(needed);
    };
    Object.setPrototypeOf(object, new Proxy(Object.create(Object.getPrototypeOf(object)), {
      has: (target, name) => (notice(name), Reflect.has(target, name)),
      get: (target, name, receiver) => (notice(name), Reflect.get(target, name, receiver)),
    }));
  }

  /** What a subtest of idlharness.js is about, if that is absent: it names interface and member. */
  namedBy(title) {
    const words = new Set(title.match(/\w+/g));
    for (const name of this.interfaces) if (words.has(name)) return name;
    for (const [name, needed] of this.members) {
      const owner = needed.split('.')[0];
      if (words.has(name) && (words.has(owner) || !needed.includes('.') || title.includes(`"${name}`))) return needed;
    }
    return undefined;
  }
}
