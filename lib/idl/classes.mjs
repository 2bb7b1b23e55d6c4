// Generates the class of one interface: attributes, operations, maplike members, property descriptors.
import { block } from './text.mjs';

const quote = JSON.stringify;

/// The text that defines an interface; operations and conversions generate its parts.
export function interfaceClass(model, glue, conversions, operations, iface) {
  const members = model.members(iface);
  const parts = [operations.constructorOf(iface)];
  const enumerable = [];
  const after = [];
  for (const name of new Set(members.map((member) => member.name))) {
    const same = members.filter((member) => member.name === name);
    const [member] = same;
    if (member.type === 'constructor' || member.type === 'maplike' || member.type === 'const') continue;
    if (member.special === 'static' && member.type === 'operation') {
      parts.push(operations.staticMethod(iface, member));
      after.push(`Object.defineProperty(${iface.name}, ${quote(name)}, { enumerable: true });`);
      continue;
    }
    if (member.special) throw new Error(`${iface.name}.${name}: '${member.special}' is not supported`);
    if (member.extAttrs.some((attribute) => attribute.name === 'Default')) parts.push(defaultToJSON(model, iface));
    else if (member.type === 'operation') parts.push(operations.method(iface, same));
    else if (member.type === 'attribute') parts.push(...attribute(model, glue, conversions, iface, member));
    else throw new Error(`${iface.name}: a member of type ${member.type} is not supported`);
    enumerable.push(name);
  }
  if (members.some((member) => member.type === 'maplike')) {
    parts.push(...maplike(iface));
    enumerable.push(...kMapMembers, 'forEach', 'size');
    after.push(`Object.defineProperty(${iface.name}.prototype, Symbol.iterator, ` +
      `{ value: ${iface.name}.prototype.entries, writable: true, configurable: true });`);
  }
  const constants = members.filter((member) => member.type === 'const').map(({ name, value }) => `${name}: ${value.value}`);
  if (constants.length) after.push(`defineConstants(${iface.name}, { ${constants.join(', ')} });`);
  const parent = iface.inheritance ? ` extends ${iface.inheritance}` : '';
  return [
    `const k${iface.name} = ${definition(model, iface)};`,
    block(`export class ${iface.name}${parent}`, parts),
    `finishInterface(k${iface.name}, ${iface.name}, [${enumerable.map(quote).join(', ')}]);`,
    ...after,
  ].join('\n');
}

function definition(model, iface) {
  const parent = iface.inheritance && model.isImplemented(iface.inheritance) ? `k${iface.inheritance}` : 'null';
  const base = model.lineage(iface.name).find((name) => model.isGlobal(name)) ?? 'null';
  return `defineInterface(${quote(iface.name)}, ${parent}, ${base})`;
}

function attribute(model, glue, conversions, iface, member) {
  const type = model.type(member.idlType, member.extAttrs);
  const thisImpl = `const impl = implOfThis(this, k${iface.name});`;
  if (type.kind === 'eventHandler') {
    const event = quote(member.name.slice(2));
    return [
      block(`get ${member.name}()`, [`implOfThis(this, k${iface.name});`, `return getHandler(this, ${event});`]),
      block(`set ${member.name}(value)`, [`implOfThis(this, k${iface.name});`, `setHandler(this, ${event}, value);`]),
    ];
  }
  const hand = glue[iface.name] ?? {};
  const suffix = member.name[0].toUpperCase() + member.name.slice(1);
  const value = hand[`get${suffix}`] ? `glue.${iface.name}.get${suffix}(impl)`
    : type.name === 'AudioParam' ? `impl.param(${quote(member.name)})`
      : `impl.${member.name}`;
  const isNew = model.list.changing?.includes(`${iface.name}.${member.name}`);
  const parts = [block(`get ${member.name}()`, [thisImpl, ...result(model, type, member, value, isNew)])];
  if (!member.readonly) {
    const store = hand[`set${suffix}`] ? `glue.${iface.name}.set${suffix}(impl, converted);` : `impl.${member.name} = converted;`;
    parts.push(block(`set ${member.name}(value)`, [thisImpl, ...converted(conversions, iface, member, type), store]));
  }
  return parts;
}

function result(model, type, member, value, isNew) {
  if (type.kind === 'frozenArray') {
    const { name } = type.element;
    if (!model.isImplemented(name)) throw new Error(`${member.name}: an array of ${name} is not supported`);
    return ['const { attributes } = slotsOf(impl);', `return attributes.${member.name} ??= Object.freeze(Array.from(${value} ?? [], (each) => wrap(each, k${name})));`];
  }
  if (type.kind !== 'interface') return [`return ${value};`];
  const wrapped = model.isImplemented(type.name) ? `wrap(${value}, k${type.name})` : value;
  if (!member.readonly || isNew) return [`return ${wrapped};`];
  return ['const { attributes } = slotsOf(impl);', `return attributes.${member.name} ??= ${wrapped};`];
}

function converted(conversions, iface, member, type) {
  const context = `Failed to set '${member.name}' on '${iface.name}': the value`;
  if (type.kind !== 'enum') return [`const converted = ${conversions.convert(type, 'value', context)};`];
  return [
    `const converted = c.DOMString(value, ${conversions.options(context)});`,
    `if (!${conversions.enumeration(type.name)}.has(converted)) return;`,
  ];
}

// https://webidl.spec.whatwg.org/#default-tojson-steps, for interfaces of plain values
function defaultToJSON(model, iface) {
  const attributes = model.members(iface).filter((member) => member.type === 'attribute');
  for (const { name, idlType } of attributes) {
    const { kind } = model.type(idlType);
    if (!['boolean', 'enum', 'numeric', 'string'].includes(kind)) throw new Error(`${iface.name}.toJSON: ${name} is not supported`);
  }
  const values = attributes.map(({ name }) => `${name}: impl.${name}`).join(', ');
  return block('toJSON()', [`const impl = implOfThis(this, k${iface.name});`, `return { ${values} };`]);
}

const kMapMembers = ['entries', 'get', 'has', 'keys', 'values'];

// A maplike's impl is a Map from strings to wrappers.
function maplike(iface) {
  const map = `implOfThis(this, k${iface.name})`;
  const what = (name) => quote(`Failed to execute '${name}' on '${iface.name}'`);
  const key = (name) => `c.DOMString(key, { context: ${what(name)} })`;
  return [
    block('get size()', [`return ${map}.size;`]),
    ...['entries', 'keys', 'values'].map((name) => block(`${name}()`, [`return ${map}.${name}();`])),
    ...['get', 'has'].map((name) => block(`${name}(key)`, [
      `const map = ${map};`, `requireArguments(${what(name)}, 1, arguments.length);`, `return map.${name}(${key(name)});`])),
    block('forEach(callback)', [
      `const map = ${map};`,
      `requireArguments(${what('forEach')}, 1, arguments.length);`,
      `toCallback(callback, { context: ${quote(`Failed to execute 'forEach' on '${iface.name}': parameter 1`)} });`,
      'map.forEach((value, name) => Reflect.apply(callback, arguments[1], [value, name, this]));',
    ]),
  ];
}
