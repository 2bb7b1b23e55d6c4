// What is made of libraries (lazy/), each at the first use of one of its names: a scope that does not use them pays nothing.
(function (native, scope) {
  'use strict';
  const { Object } = globalThis;
  const loaded = { __proto__: null };
  // A library that looks for what the scope might have already does not find what is made of it.
  const bare = Object.create(globalThis, { TextDecoder: { value: undefined }, TextEncoder: { value: undefined } });
  const member = (library, name) => (loaded[library] ??= native.library(library)(bare))[name];

  const named = (constructor, name) => Object.defineProperty(constructor, 'name', { value: name, configurable: true });

  for (const name of ['TextDecoder', 'TextEncoder']) native.defineLazily(name, () => scope.shape(named(member('encoding', name), name)));
  for (const name of ['URL', 'URLSearchParams']) native.defineLazily(name, () => named(member('url', name), name));
})
