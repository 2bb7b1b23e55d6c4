// Where a SyntaxError is. Node shows the place of one only when it dies of it, so a second Node is asked to read the files.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { init, parse } from 'es-module-lexer';

const kMostFiles = 200;

/** The URLs of the files that the one at `url` imports statically. */
function importsOf(url) {
  const source = readFileSync(fileURLToPath(url), 'utf8');
  return parse(source)[0].filter(({ type, specifier }) => type !== 'dynamic' && /^(\.{0,2}\/|file:)/.test(specifier ?? ''))
    .map(({ specifier }) => new URL(specifier, url).href);
}

/**
 * Node's note (file:line, the source line, a caret) on the error, found in the module at `url` or in one it imports; undefined if it is
 * in none of them.
 */
export async function findSyntaxError(error, url) {
  await init;
  const files = [url];
  for (let i = 0; i < files.length && i < kMostFiles; ++i) {
    try {
      const { stderr } = spawnSync(process.execPath, ['--check', fileURLToPath(files[i])], { encoding: 'utf8' });
      if (stderr.includes(`SyntaxError: ${error.message}\n`)) return stderr;
      for (const next of importsOf(files[i])) if (!files.includes(next)) files.push(next);
    } catch {
      continue;  // a file that cannot be read or taken apart has no note to give
    }
  }
  return undefined;
}
