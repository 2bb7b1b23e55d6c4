// Generates the bodies of operations and constructors: argument conversion, overload resolution, the call, the result.

import { block, indent } from './text.mjs';

const quote = JSON.stringify;

export class Operations {
  #model;
  #glue;
  #conversions;

  constructor(model, glue, conversions) {
    this.#model = model;
    this.#glue = glue;
    this.#conversions = conversions;
  }

  /// The text of a method; `overloads` are the operations of one name.
  method(iface, overloads) {
    const { name } = overloads[0];
    const what = `Failed to execute '${name}' on '${iface.name}'`;
    const calls = overloads.map((operation, index) => ({
      arguments: operation.arguments,
      finish: (names) => this.#finish(iface, operation, index, names, overloads.length),
    }));
    const body = [`const impl = implOfThis(this, k${iface.name});`, ...this.#dispatch(what, calls)];
    const promises = overloads.filter((operation) => this.#model.type(operation.idlType).kind === 'promise').length;
    if (promises !== 0 && promises !== overloads.length) throw new Error(`${what}: only some overloads return a promise`);
    const guarded = promises ? ['try {', ...indent(body), '} catch (error) {', '  return Promise.reject(error);', '}'] : body;
    return block(`${name}(${requiredNames(overloads)})`, guarded);
  }

  /// The text of a static method, which is written by hand in lib/glue.
  staticMethod(iface, operation) {
    const { name } = operation;
    if (!this.#glue[iface.name]?.[name]) throw new Error(`${iface.name}.${name}: a static operation has to be written by hand, in lib/glue`);
    const call = { arguments: operation.arguments, finish: (names) => [`return glue.${iface.name}.${name}(${names.join(', ')});`] };
    return block(`static ${name}(${requiredNames([operation])})`, this.#dispatch(`Failed to execute '${name}' on '${iface.name}'`, [call]));
  }

  /// The text of a constructor.
  constructorOf(iface) {
    const overloads = iface.members.filter((member) => member.type === 'constructor');
    if (overloads.length === 0) return block('constructor()', ['throw new TypeError("Illegal constructor");']);
    const calls = overloads.map((operation) => ({
      arguments: operation.arguments,
      finish: (names) => this.#construct(iface, operation, names),
    }));
    return block(`constructor(${requiredNames(overloads)})`, this.#dispatch(`Failed to construct '${iface.name}'`, calls));
  }

  #construct(iface, operation, names) {
    if (this.#model.lineage(iface.name).includes('Event')) {
      return [`return adopt(new.target, k${iface.name}, ${names[1]}, [${names.join(', ')}]);`];
    }
    const impl = this.#glue[iface.name]?.construct
      ? `glue.${iface.name}.construct(${names.join(', ')})`
      : `new (native().${iface.name})(${names.join(', ')})`;
    const base = this.#glue[iface.name]?.baseArguments ? `, glue.${iface.name}.baseArguments(${names.join(', ')})` : '';
    return [`return adopt(new.target, k${iface.name}, ${this.#inContext(operation, names, impl)}${base});`];
  }

  #inContext(operation, names, impl) {
    return this.#takesContext(operation) ? `inContext(${impl}, ${names[0]})` : impl;
  }

  #takesContext(operation) {
    const type = operation.arguments[0] && this.#model.type(operation.arguments[0].idlType);
    return type?.kind === 'interface' && this.#model.lineage(type.name).includes('BaseAudioContext');
  }

  #finish(iface, operation, index, names, count) {
    const path = `${iface.name}.${operation.name}`;
    const { list } = this.#model;
    const type = this.#model.type(operation.idlType);
        const method = count > 1 && list.overloads[path] ? list.overloads[path][index] : operation.name;
    const handWritten = this.#glue[iface.name]?.[operation.name] !== undefined;
    const call = handWritten
      ? `glue.${iface.name}.${operation.name}(${['impl', ...names].join(', ')})`
      : `impl.${method}(${names.join(', ')})`;
    const factory = !handWritten && this.#factory(operation, type, names);
    if (factory) return factory;
    if (type.kind === 'undefined') return [`${call};`, 'return;'];
    if (list.returnsThis.includes(path)) return [`${call};`, 'return this;'];
    if (list.returnsArgument.includes(path) && type.kind === 'interface') return [`${call};`, 'return arguments[0];'];
    if (type.kind === 'interface') return [`return wrap(${call}, k${type.name});`];
    if (type.kind === 'promise' && type.element.kind === 'interface' && !handWritten) {
      throw new Error(`${path}: an operation that promises a ${type.element.name} has to be written by hand, in lib/glue`);
    }
    return [`return ${call};`];
  }

  // createX(…) does what X's constructor does with options that have the names of createX's arguments.
  #factory(operation, type, names) {
    if (!operation.name.startsWith('create') || type.kind !== 'interface') return undefined;
    const made = this.#model.definition(type.name);
    const constructor = made.members.find((member) => member.type === 'constructor');
    if (!constructor) return undefined;
    const withContext = this.#takesContext(constructor);
    const options = constructor.arguments.at(-1);
    const source = operation.arguments.map((argument, i) =>
      (this.#model.type(argument.idlType).kind === 'dictionary' ? `...${names[i]}` : `${argument.name}: ${names[i]}`));
    const toOptions = `${this.#conversions.dictionary(options.idlType.idlType)}({ ${source.join(', ')} }, ` +
      `${this.#conversions.options(`Failed to execute '${operation.name}'`)})`;
    const values = withContext ? ['impl', toOptions] : [toOptions];
    const impl = this.#glue[type.name]?.construct
      ? `glue.${type.name}.construct(${values.join(', ')})`
      : `new (native().${type.name})(${values.join(', ')})`;
    return [`return wrap(${this.#inContext(constructor, values, impl)}, k${type.name});`];
  }

  // Statements that resolve overloads ([{arguments, finish}]) by the number and types of `arguments`.
  #dispatch(what, calls) {
    const shortest = Math.min(...calls.map((call) => required(call.arguments)));
    const longest = Math.max(...calls.map((call) => call.arguments.length));
    const check = shortest > 0 ? [`requireArguments(${quote(what)}, ${shortest}, arguments.length);`] : [];
    if (calls.length === 1) return [...check, ...this.#call(what, calls[0])];
    const lines = [...check, `switch (Math.min(arguments.length, ${longest})) {`];
    for (let count = shortest; count <= longest; count++) {
      const possible = calls.filter((call) => required(call.arguments) <= count && count <= call.arguments.length);
      lines.push(`  case ${count}: {`, ...indent(this.#choose(what, possible, count), 2), '  }');
    }
    return [...lines, '}'];
  }

  #choose(what, possible, count) {
    const otherwise = [`throw new TypeError(${quote(`${what}: no overload takes arguments of these types.`)});`];
    if (possible.length === 0) return otherwise;
    if (possible.length === 1) return this.#call(what, possible[0], count);
    const typesAt = (index) => possible.map((call) => this.#model.type(call.arguments[index].idlType));
    const distinguishing = [...Array(count).keys()].find((index) => new Set(typesAt(index).map(quote)).size === possible.length);
    if (distinguishing !== 0) throw new Error(`${what}: overloads that differ after their first argument are not supported`);
    const candidates = possible.map((call) => ({
      type: this.#model.type(call.arguments[0].idlType),
      result: block('', this.#call(what, call, count)),
    }));
    const choices = this.#conversions.choices(candidates, 'arguments[0]');
    return choices.at(-1).startsWith('if ') ? [...choices, ...otherwise] : choices;
  }

  #call(what, call, count = Infinity) {
    const lines = [];
    const names = call.arguments.slice(0, count).map((argument, index) => {
      lines.push(`const a${index} = ${this.#argument(what, argument, index)};`);
      return `a${index}`;
    });
    for (const argument of call.arguments.slice(count)) {
      names.push(argument.default ? this.#default(what, argument) : 'undefined');
    }
    return [...lines, ...call.finish(names)];
  }

  #argument(what, argument, index) {
    if (argument.variadic) throw new Error(`${what}: variadic arguments are not supported`);
    const context = `${what}: parameter ${index + 1} ('${argument.name}')`;
    const value = `arguments[${index}]`;
    const converted = this.#conversions.convert(this.#model.type(argument.idlType, argument.extAttrs), value, context);
    if (!argument.optional) return converted;
    return `${value} === undefined ? ${argument.default ? this.#default(what, argument) : 'undefined'} : ${converted}`;
  }

  #default(what, argument) {
    const type = this.#model.type(argument.idlType, argument.extAttrs);
    return this.#conversions.defaultValue(argument.default, type, `${what}: '${argument.name}'`);
  }
}

const required = (args) => args.filter((argument) => !argument.optional && !argument.variadic).length;

// The parameters a function declares, so that its length is that of the shortest overload.
function requiredNames(overloads) {
  const shortest = overloads.reduce((a, b) => (required(b.arguments) < required(a.arguments) ? b : a));
  return shortest.arguments.slice(0, required(shortest.arguments)).map((argument) => argument.name).join(', ');
}
