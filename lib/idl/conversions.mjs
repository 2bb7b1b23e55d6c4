// Generates the expressions that convert JavaScript values to IDL types, and the functions for dictionaries.

import { block } from './text.mjs';

const quote = JSON.stringify;

export class Conversions {
  #model;
  #glue;
  #declarations = [];
  #options = new Map();
  #enums = new Set();
  #dictionaries = new Set();
  #unions = 0;

  constructor(model, glue) {
    this.#model = model;
    this.#glue = glue;
  }

  /// The constants and functions that the expressions so far refer to.
  declarations() { return this.#declarations.join('\n'); }

  /// The name of the constant that says what is converted.
  options(context, type = {}) {
    const fields = [`context: ${quote(context)}`];
    if (type.enforceRange) fields.push('enforceRange: true');
    if (type.clamp) fields.push('clamp: true');
    const text = fields.join(', ');
    if (!this.#options.has(text)) {
      this.#options.set(text, `o${this.#options.size}`);
      this.#declarations.push(`const ${this.#options.get(text)} = { ${text} };`);
    }
    return this.#options.get(text);
  }

  /// An expression for the IDL value of `value`, an expression without side effects.
  convert(type, value, context) {
    const converted = this.#notNull(type, value, context);
    return type.nullable && type.kind !== 'any' ? `(${value} === null || ${value} === undefined ? null : ${converted})` : converted;
  }

  #notNull(type, value, context) {
    const options = this.options(context, type);
    switch (type.kind) {
      case 'any': return value;
      case 'undefined': return 'undefined';
      case 'boolean': return `Boolean(${value})`;
      case 'object': return `c.object(${value}, ${options})`;
      case 'numeric':
      case 'string': return `c[${quote(type.name)}](${value}, ${options})`;
      case 'enum': return `toEnum(${value}, ${this.enumeration(type.name)}, ${quote(type.name)}, ${options})`;
      case 'arrayBuffer': return `toArrayBuffer(${value}, ${options})`;
      case 'view': return `toView(${value}, ${quote(type.name)}, ${options})`;
      case 'callback': return `toCallback(${value}, ${options})`;
      case 'dictionary': return `${this.dictionary(type.name)}(${value}, ${options})`;
      case 'interface': return this.#interface(type, value, options);
      case 'sequence':
        return this.#typed(type, `toSequence(${value}, ${this.#element(type.element, `${context}: an element`)}, ${options})`);
      case 'record':
        return `toRecord(${value}, ${this.#element(type.key, `${context}: a key`)}, ` +
          `${this.#element(type.element, `${context}: a value`)}, ${options})`;
      case 'union': return `${this.#union(type, context)}(${value})`;
      default: throw new Error(`${context}: conversion to ${type.kind} is not supported`);
    }
  }

  #interface(type, value, options) {
    if (this.#model.isGlobal(type.name)) return `toGlobal(${value}, ${type.name}, ${options})`;
    if (!this.#model.isImplemented(type.name)) throw new Error(`arguments of interface ${type.name} are not supported`);
    const impl = `toInterface(${value}, k${type.name}, ${options})`;
    return this.#glue[type.name]?.received ? `glue.${type.name}.received(${impl})` : impl;
  }

  #element(type, context) {
    return `(v) => ${this.convert(type, 'v', context)}`;
  }

  #typed(type, array) {
    const { name, nullable } = type.element;
    if (nullable) return array;
    return { float: `new Float32Array(${array})`, double: `new Float64Array(${array})` }[name] ?? array;
  }

  /// The name of the set of an enumeration's values.
  enumeration(name) {
    if (!this.#enums.has(name)) {
      this.#enums.add(name);
      const values = this.#model.definition(name).values.map((value) => quote(value.value));
      this.#declarations.push(`const e${name} = new Set([${values.join(', ')}]);`);
    }
    return `e${name}`;
  }

  /// The name of the function that converts to a dictionary.
  dictionary(name) {
    if (!this.#dictionaries.has(name)) {
      this.#dictionaries.add(name);
      this.#declareDictionary(name);
    }
    return `to${name}`;
  }

  #declareDictionary(name) {
    const { inheritance } = this.#model.definition(name);
    const lines = [];
    if (inheritance) {
      this.dictionary(inheritance);
      lines.push(`  read${inheritance}(source, result, options);`);
    }
    const fields = this.#model.fields(name).filter((field) => this.#model.isUsable(field.type));
    if (fields.length) lines.push('  let v;');
    for (const field of fields) {
      const context = `${name}.${field.name}`;
      lines.push(`  v = source?.${field.name};`,
        `  if (v !== undefined) result.${field.name} = ${this.convert(field.type, 'v', context)};`);
      if (field.required) lines.push(`  else missingMember(${quote(field.name)}, ${quote(name)}, options);`);
      else if (field.default) lines.push(`  else result.${field.name} = ${this.defaultValue(field.default, field.type, context)};`);
    }
    this.#declarations.push(
      `function read${name}(source, result, options) {\n${lines.join('\n')}\n}`,
      `function to${name}(value, options) {\n  const result = {};\n` +
      `  read${name}(toDictionarySource(value, options), result, options);\n  return result;\n}`);
  }

  /// An expression for a default value of the IDL.
  defaultValue(value, type, context) {
    switch (value.type) {
      case 'string': return quote(value.value);
      case 'number':
      case 'boolean': return String(value.value);
      case 'null': return 'null';
      case 'sequence': return this.#typed(type, '[]');
      case 'dictionary': return this.convert(type, 'undefined', context);
      default: throw new Error(`${context}: a default value of type ${value.type} is not supported`);
    }
  }

  #union(type, context) {
    const parts = type.members.flatMap((part) => (part.kind === 'union' ? part.members : [part]));
    const name = `toUnion${this.#unions++}`;
    const lines = this.choices(parts.map((part) => ({ type: part, result: `return ${this.convert(part, 'v', context)};` })), 'v');
    if (lines.at(-1).startsWith('if ')) lines.push(`throw new TypeError(${quote(`${context} is of none of the possible types.`)});`);
    this.#declarations.push(block(`function ${name}(v)`, lines));
    return name;
  }

  /// Statements that choose by the type of `v` among [{type, result}], as unions and overloads do:
  /// https://webidl.spec.whatwg.org/#js-overloads
  choices(candidates, v) {
    const lines = [];
    const when = (kinds, test) => {
      for (const { type, result } of candidates) {
        if (kinds.includes(type.kind)) lines.push(`${test ? `if (${test(type)}) ` : ''}${result}`);
      }
    };
    const isObject = `((typeof ${v} === "object" && ${v} !== null) || typeof ${v} === "function")`;
    for (const { type, result } of candidates) {
      if (type.nullable || type.kind === 'dictionary') lines.push(`if (${v} === null || ${v} === undefined) ${result}`);
    }
    when(['interface'], (type) => `unwrap(${v}, k${type.name}) !== undefined`);
    when(['arrayBuffer'], () => `isArrayBuffer(${v})`);
    when(['view'], (type) => `isView(${v}, ${quote(type.name)})`);
    when(['callback'], () => `typeof ${v} === "function"`);
    when(['sequence'], () => `${isObject} && ${v}[Symbol.iterator] != null`);
    when(['dictionary', 'record', 'object'], () => isObject);
    when(['boolean'], () => `typeof ${v} === "boolean"`);
    if (candidates.some(({ type }) => ['string', 'enum'].includes(type.kind))) when(['numeric'], () => `typeof ${v} === "number"`);
    const rest = lines.length;
    when(['string', 'enum']);
    if (lines.length === rest) when(['numeric']);
    if (lines.length === rest) when(['boolean', 'any']);
    return lines;
  }
}
