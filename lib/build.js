// Where this checkout's native build is, and how its add-ons are loaded.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/// The directory with backline.node, script.node and the helpers: BACKLINE_BUILD, else build/release.
export const buildDirectory = () => resolve(process.env.BACKLINE_BUILD || join(root, 'build', 'release'));

/// Loads an add-on of the build; an error says what is missing and what to run.
export function loadAddon(name) {
  const path = join(buildDirectory(), name);
  if (!existsSync(path)) {
    throw new Error(`Backline is not built: there is no ${path}. Run ./run in ${root} to build it` +
      (process.env.BACKLINE_BUILD ? ' (BACKLINE_BUILD names another directory).' : '.'));
  }
  try {
    return createRequire(import.meta.url)(path);
  } catch (cause) {
    const hint = cause.message.includes('NODE_MODULE_VERSION')
      ? `It was built for another Node than this one (${process.version}).`
      : cause.message;
    throw new Error(`${path} cannot be loaded. ${hint} Run ./run in ${root} to build it again.`, { cause });
  }
}
