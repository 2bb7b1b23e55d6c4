// The IDL of the implemented interfaces: parsed, partials and mixins merged, types resolved.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parse } from 'webidl2';

const kNumeric = new Set(['byte', 'octet', 'short', 'unsigned short', 'long', 'unsigned long', 'long long',
  'unsigned long long', 'float', 'unrestricted float', 'double', 'unrestricted double']);
const kString = new Set(['DOMString', 'USVString', 'ByteString']);
const kView = new Set(['DataView', 'Int8Array', 'Int16Array', 'Int32Array', 'Uint8Array', 'Uint16Array', 'Uint32Array',
  'Uint8ClampedArray', 'Float32Array', 'Float64Array']);
const kPlain = new Set(['any', 'undefined', 'object', 'boolean']);
const kKinds = { interface: 'interface', dictionary: 'dictionary', enum: 'enum', callback: 'callback' };

export class Model {
  #definitions = new Map();

  /// list: the content of interfaces.json.
  constructor(list) {
    this.list = list;
    const folder = dirname(createRequire(import.meta.url).resolve('@webref/idl/package.json'));
    const files = [...list.specifications.map((name) => join(folder, `${name}.idl`)), new URL('extensions.idl', import.meta.url)];
    const all = files.flatMap((file) => parse(readFileSync(file, 'utf8')));
    for (const definition of all) {
      if (!definition.partial && definition.name) this.#definitions.set(definition.name, definition);
    }
    for (const definition of all) this.#merge(definition);
    this.interfaces = this.#inOrder(list.interfaces.map((name) => this.#implemented(name)));
  }

  #merge(definition) {
    const partial = definition.partial && this.#definitions.get(definition.name);
    if (partial) partial.members.push(...definition.members);
    if (definition.type !== 'includes') return;
    const mixin = this.#definitions.get(definition.includes);
    const target = this.#definitions.get(definition.target);
    if (mixin && target) target.members.push(...mixin.members);
  }

  #implemented(name) {
    const definition = this.#definitions.get(name);
    if (definition?.type !== 'interface') throw new Error(`interfaces.json: no specification defines interface ${name}`);
    // Without a document: derived from the nearest interface that is there, with the handlers of its events, and made by no parser.
    const parent = this.lineage(name).slice(1).find((each) => this.isImplemented(each) || this.isGlobal(each));
    const handlers = this.list.handlers?.[name] ?? [];
    const all = this.#definitions.get('GlobalEventHandlers')?.members ?? [];
    const isParsers = (member) => member.extAttrs?.some((attribute) => attribute.name === 'HTMLConstructor');
    const members = [...definition.members, ...all.filter((member) => handlers.includes(member.name))].filter((member) => !isParsers(member));
    Object.defineProperties(definition, { inheritance: { value: parent ?? null }, members: { value: members } });
    return definition;
  }

  #inOrder(interfaces) {
    const ordered = [];
    const add = (definition) => {
      if (!interfaces.includes(definition) || ordered.includes(definition)) return;
      if (definition.inheritance) add(this.#definitions.get(definition.inheritance));
      ordered.push(definition);
    };
    interfaces.forEach(add);
    return ordered;
  }

  isImplemented(name) { return this.list.interfaces.includes(name); }
  isGlobal(name) { return this.list.global.includes(name); }
  definition(name) { return this.#definitions.get(name); }

  /// An interface and all those it is derived from, itself first.
  lineage(name) {
    const result = [];
    for (let at = name; at; at = this.#definitions.get(at)?.inheritance) result.push(at);
    return result;
  }

  /// The members of an interface that are implemented: listed ones and those of unknown types left out.
  members(definition) {
    return definition.members.filter((member) =>
      !this.list.notYet.includes(`${definition.name}.${member.name}`) && this.#typesOf(member).every((type) => this.isUsable(type)));
  }

  #typesOf(member) {
    const types = (member.arguments ?? []).map((argument) => this.type(argument.idlType));
    if (member.type === 'maplike') types.push(...member.idlType.map((type) => this.type(type)));
    else if (member.idlType) types.push(this.type(member.idlType));
    return types;
  }

  /// True where every interface that a type mentions exists here.
  isUsable(type) {
    if (type.kind === 'interface') return this.isImplemented(type.name) || this.isGlobal(type.name);
    if (type.kind === 'dictionary') return this.fields(type.name).every((field) => !field.required || this.isUsable(field.type));
    return [...(type.members ?? []), type.element, type.key].every((part) => !part || this.isUsable(part));
  }

  /// The fields that a dictionary declares itself, in the order they are read. Some that the newest IDL has a default for have to be
  /// there nevertheless, as the specification says: a program that forgets them is told.
  fields(name) {
    return this.definition(name).members
      .map((field) => ({ ...pick(field), type: this.type(field.idlType, field.extAttrs) }))
      .map((field) => (this.list.stillRequired?.includes(`${name}.${field.name}`) ? { ...field, required: true, default: null } : field))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /// A type with typedefs resolved: { kind, name?, nullable, element?, key?, members?, options }.
  type(idlType, extAttrs = []) {
    const attributes = [...extAttrs, ...idlType.extAttrs].map((attribute) => attribute.name);
    const common = { nullable: idlType.nullable, enforceRange: attributes.includes('EnforceRange'), clamp: attributes.includes('Clamp') };
    if (idlType.union) return { ...common, kind: 'union', members: idlType.idlType.map((part) => this.type(part)) };
    const parts = Array.isArray(idlType.idlType) ? idlType.idlType : [];
    switch (idlType.generic) {
      case '': return this.#named(idlType.idlType, common, extAttrs);
      case 'record': return { ...common, kind: 'record', key: this.type(parts[0]), element: this.type(parts[1]) };
      case 'sequence': return { ...common, kind: 'sequence', element: this.type(parts[0]) };
      case 'FrozenArray': return { ...common, kind: 'frozenArray', element: this.type(parts[0]) };
      case 'Promise': return { ...common, kind: 'promise', element: this.type(parts[0]) };
      default: throw new Error(`IDL type ${idlType.generic}<> is not supported`);
    }
  }

  #named(name, common, extAttrs) {
    if (name === 'EventHandler' || name === 'OnErrorEventHandler') return { ...common, kind: 'eventHandler', name };
    if (kPlain.has(name)) return { ...common, kind: name };
    if (kNumeric.has(name)) return { ...common, kind: 'numeric', name };
    if (kString.has(name)) return { ...common, kind: 'string', name };
    if (kView.has(name)) return { ...common, kind: 'view', name };
    if (name === 'ArrayBuffer') return { ...common, kind: 'arrayBuffer' };
    const definition = this.#definitions.get(name);
    if (definition?.type === 'typedef') {
      const type = this.type(definition.idlType, extAttrs);
      return { ...type, nullable: type.nullable || common.nullable };
    }
    return { ...common, kind: kKinds[definition?.type] ?? 'interface', name };
  }
}

function pick({ name, required, default: value }) {
  return { name, required, default: value };
}
