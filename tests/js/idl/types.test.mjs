// The TypeScript declarations, by the compiler.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const program = fileURLToPath(new URL('types_program.ts', import.meta.url));

// The diagnostics of the program under --strict.
function diagnose(...options) {
  try {
    execFileSync(process.execPath, [compiler, '--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext', ...options, program],
      { encoding: 'utf8', stdio: 'pipe' });
    return '';
  } catch (error) {
    return error.stdout;
  }
}

test('a program type-checks with the types of Node', () => assert.equal(diagnose('--types', 'node'), ''));

test('a program type-checks with the types of a browser', () => assert.equal(diagnose('--typeRoots', 'none', '--lib', 'es2022,dom'), ''));

test('a program type-checks without either', () => assert.equal(diagnose('--typeRoots', 'none', '--lib', 'es2022'), ''));
