// Serves a tree of web-platform-tests to the pages under test, on a port of its own.

import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { basename, dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generatedPage } from './discover.mjs';

const kTypes = {
  '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.json': 'application/json', '.idl': 'text/plain',
  '.wav': 'audio/wav', '.mp3': 'audio/mpeg', '.ogg': 'audio/ogg', '.oga': 'audio/ogg', '.mp4': 'video/mp4', '.webm': 'video/webm',
};
const require = createRequire(import.meta.url);
const idlFolder = dirname(require.resolve('@webref/idl/package.json'));
const own = (name) => fileURLToPath(new URL(`./page/${name}`, import.meta.url));
const kReplaced = {
  'resources/testharnessreport.js': own('report.js'),
  'resources/testdriver-vendor.js': own('testdriver_vendor.js'),
  'resources/WebIDLParser.js': require.resolve('webidl2'),   // reads today's IDL
};

/** Starts it; resolves to {origin, close()}. */
export async function serve(tree) {
  const server = createServer((request, response) => answer(tree, request, response));
  await new Promise((listening, fail) => server.once('error', fail).listen(0, '127.0.0.1', listening));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function answer(tree, request, response) {
  const path = normalize(decodeURIComponent(new URL(request.url, 'http://localhost').pathname)).slice(1);
  const file = kReplaced[path] ?? (path.startsWith('interfaces/') ? publishedIdl(tree, path) : join(tree, path));
  if (statSync(file, { throwIfNoEntry: false })?.isFile()) {
    response.writeHead(200, { 'content-type': kTypes[extname(file)] ?? 'application/octet-stream' });
    createReadStream(file).pipe(response);
    return;
  }
  const page = generatedPage(tree, path);
  if (page) response.writeHead(200, { 'content-type': kTypes['.html'] }).end(page);
  else response.writeHead(404).end(`no ${path}`);
}

// The interfaces are tested against today's IDL, from which ours are made, not against that of the tests' time.
function publishedIdl(tree, path) {
  const published = join(idlFolder, basename(path));
  return statSync(published, { throwIfNoEntry: false }) ? published : join(tree, path);
}
