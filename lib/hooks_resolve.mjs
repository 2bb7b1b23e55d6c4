// The resolve hook, for the program's thread (module.registerHooks) and for a loader thread (module.register) alike.

const own = new URL('../package.json', import.meta.url).href;

/** 'backline' and 'backline/…' resolve as they would inside this package, by its "exports". */
export function resolve(specifier, context, nextResolve) {
  const isOurs = specifier === 'backline' || specifier.startsWith('backline/');
  return nextResolve(specifier, isOurs ? { ...context, parentURL: own } : context);
}
