// The user's program: found and imported.

import { closeSync, openSync, realpathSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installHooks } from '../hooks.mjs';
import { setBaseURL } from '../settings.js';
import { Failure, describe } from './failure.mjs';
import { findSyntaxError } from './syntax.mjs';

/** The real path of a program (or of what else is to be played). Throws Failure where there is no such file, or none that can be read. */
export function findProgram(name, what = 'program') {
  const path = resolve(name);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) throw new Failure(`no ${what} at ${name}`);
  if (!stat.isFile()) throw new Failure(`${name} is no file`);
  try {
    closeSync(openSync(path, 'r'));
  } catch (error) {
    throw new Failure(`cannot read ${name}: ${error.message}`);
  }
  return realpathSync(path);
}

/**
 * Imports the program, with 'backline' importable and, for code written for browsers, what a page has as globals; its worklet modules are
 * relative to it. Throws Failure naming what is wrong in it, and where.
 */
export async function importProgram(path) {
  const url = pathToFileURL(path).href;
  setBaseURL(url);
  installHooks();
  await import('../polyfill.js');
  try {
    return await import(url);
  } catch (error) {
    const note = error instanceof SyntaxError ? await findSyntaxError(error, url) : undefined;
    throw new Failure(`${basename(path)} could not be loaded\n  ${describe(error, note)}`, { cause: error });
  }
}
