// node bundle.mjs OUTPUT ENTRY: one of the files beside this one and the library that it imports, as the text of a function that
// returns its exports. What a session does not name it does not pay for (scope/lazy in src/script/CMakeLists.txt).
import { build } from 'esbuild';

const [, , outfile, entry] = process.argv;
await build({
  entryPoints: [entry],
  outfile,
  bundle: true,
  minify: true,
  charset: 'ascii',
  format: 'iife',
  globalName: 'library',
  platform: 'neutral',
  mainFields: ['browser', 'module', 'main'],
  target: 'es2022',
  legalComments: 'none',
  banner: { js: '(function (globalThis) {' },
  footer: { js: 'return library; })' },
});
