// Generates the TypeScript declarations of the implemented interfaces, in the manner of TypeScript's own lib.dom.d.ts.
import { block } from './text.mjs';

const kImport = `import type {
  AddListenerOptions, Blob, DOMException, Event, EventListenerOrObject, EventTarget, MessagePort, RemoveListenerOptions,
} from '../dom_types.d.ts';
`;

/// The text of index.d.ts.
export function declarations(model) {
  const writer = new Writer(model);
  const interfaces = model.interfaces.map((iface) => writer.interface(iface));
  return [kImport, ...interfaces, ...writer.referenced(), ''].join('\n');
}

class Writer {
  #model;
  #pending = [];
  #seen = new Set();

  constructor(model) { this.#model = model; }

  interface(iface) {
    const { name } = iface;
    const members = this.#model.members(iface);
    const events = this.#ownEvents(iface);
    const lines = [];
    for (const member of members) {
      if (member.type === 'attribute') lines.push(this.#attribute(name, member));
      else if (member.type === 'operation' && member.special !== 'static') lines.push(this.#operation(member));
      else if (member.type === 'const') lines.push(`readonly ${member.name}: ${member.value.value};`);
      else if (member.type === 'maplike') lines.push(...this.#maplike(name, member));
    }
    const map = this.#eventMap(name);
    if (map) lines.push(...listeners(name, map));
    const constructors = members.filter((member) => member.type === 'constructor')
      .map((member) => `new(${this.#arguments(member)}): ${name};`);
    const constants = members.filter((member) => member.type === 'const').map((member) => `readonly ${member.name}: ${member.value.value};`);
    const statics = members.filter((member) => member.type === 'operation' && member.special === 'static').map((member) => this.#operation(member));
    const parent = iface.inheritance ? ` extends ${iface.inheritance}` : '';
    return [
      ...(events.length ? [this.#eventMapDeclaration(iface, events)] : []),
      `export ${block(`interface ${name}${parent}`, lines)}`,
      `export declare var ${name}: ${block('', [`prototype: ${name};`, ...(constructors.length ? constructors : [`new(): ${name};`]), ...statics, ...constants])};\n`,
    ].join('\n');
  }

  /// The dictionaries, enumerations and callbacks that the interfaces mention.
  referenced() {
    const texts = [];
    while (this.#pending.length) {
      const definition = this.#pending.shift();
      const { name, type } = definition;
      if (type === 'dictionary') texts.push(this.#dictionary(definition));
      else if (type === 'enum') texts.push(typeAlias(name, definition.values.map(({ value }) => JSON.stringify(value)).join(' | ')));
      else texts.push(typeAlias(name, `(${this.#arguments(definition)}) => ${this.#type(definition.idlType, true)}`));
    }
    return texts;
  }

  #dictionary({ name, inheritance }) {
    if (inheritance) this.#reference(inheritance);
    const fields = this.#model.fields(name).filter((field) => this.#model.isUsable(field.type));
    const lines = fields.map((field) => `${field.name}${field.required ? '' : '?'}: ${this.#text(field.type)};`);
    return `export ${block(`interface ${name}${inheritance ? ` extends ${inheritance}` : ''}`, lines)}\n`;
  }

  #attribute(owner, member) {
    const type = this.#model.type(member.idlType);
    const text = type.kind === 'eventHandler'
      ? `((this: ${owner}, ev: ${this.#eventType(member.name.slice(2))}) => any) | null`
      : this.#text(type, member.readonly);
    return `${member.readonly ? 'readonly ' : ''}${member.name}: ${text};`;
  }

  #operation(member) {
    return `${member.name}(${this.#arguments(member)}): ${this.#type(member.idlType, true)};`;
  }

  #arguments(member) {
    return member.arguments.map((argument) =>
      `${argument.name}${argument.optional ? '?' : ''}: ${this.#type(argument.idlType)}`).join(', ');
  }

  #maplike(name, member) {
    const [key, value] = member.idlType.map((type) => this.#type(type));
    return [
      `forEach(callbackfn: (value: ${value}, key: ${key}, parent: ${name}) => void, thisArg?: any): void;`,
      `get(key: ${key}): ${value} | undefined;`, `has(key: ${key}): boolean;`, 'readonly size: number;',
      `entries(): IterableIterator<[${key}, ${value}]>;`, `keys(): IterableIterator<${key}>;`,
      `values(): IterableIterator<${value}>;`, `[Symbol.iterator](): IterableIterator<[${key}, ${value}]>;`,
    ];
  }

  #ownEvents(iface) {
    return this.#model.members(iface).filter((member) => member.type === 'attribute' && this.#model.type(member.idlType).kind === 'eventHandler')
      .map((member) => member.name.slice(2));
  }

  #eventType(event) { return this.#model.list.eventTypes[event] ?? 'Event'; }

  // The name of the event map of an interface, its own or the nearest inherited one.
  #eventMap(name) {
    const implemented = this.#model.lineage(name).filter((each) => this.#model.isImplemented(each));
    const owner = implemented.find((each) => this.#ownEvents(this.#model.definition(each)).length);
    return owner && `${owner}EventMap`;
  }

  #eventMapDeclaration(iface, events) {
    const inherited = iface.inheritance && this.#eventMap(iface.inheritance);
    const lines = events.map((event) => `${JSON.stringify(event)}: ${this.#eventType(event)};`);
    return `export ${block(`interface ${iface.name}EventMap${inherited ? ` extends ${inherited}` : ''}`, lines)}\n`;
  }

  #reference(name) {
    if (this.#seen.has(name)) return;
    this.#seen.add(name);
    this.#pending.push(this.#model.definition(name));
  }

  #type(idlType, result = false) { return this.#text(this.#model.type(idlType), result); }

  // result: what a program gets, rather than gives.
  #text(type, result = false) {
    const text = this.#notNull(type, result);
    return type.nullable ? `${text} | null` : text;
  }

  #notNull(type, result) {
    switch (type.kind) {
      case 'any':
      case 'object': return 'any';
      case 'undefined': return 'void';
      case 'numeric': return 'number';
      case 'string': return 'string';
      case 'boolean': return 'boolean';
      case 'arrayBuffer': return 'ArrayBuffer';
      case 'view':
      case 'interface': return type.name;
      case 'promise': return `Promise<${this.#text(type.element, true)}>`;
      case 'sequence': return result ? `${this.#text(type.element, true)}[]` : `Iterable<${this.#text(type.element)}>`;
      case 'frozenArray': return `readonly ${this.#text(type.element, true)}[]`;
      case 'record': return `Record<string, ${this.#text(type.element)}>`;
      case 'union': return type.members.map((member) => this.#text(member, result)).join(' | ');
      default:
        this.#reference(type.name);
        return type.name;
    }
  }
}

const typeAlias = (name, text) => `export type ${name} = ${text};\n`;

function listeners(name, map) {
  return ['add', 'remove'].flatMap((verb) => {
    const options = `options?: ${verb === 'add' ? 'Add' : 'Remove'}ListenerOptions`;
    return [
      `${verb}EventListener<K extends keyof ${map}>(type: K, listener: (this: ${name}, ev: ${map}[K]) => any, ${options}): void;`,
      `${verb}EventListener(type: string, listener: EventListenerOrObject, ${options}): void;`,
    ];
  });
}
