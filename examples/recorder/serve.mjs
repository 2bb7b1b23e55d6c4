// node examples/recorder/serve.mjs [PORT]: the page on this machine, its TypeScript made JavaScript on the way.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname } from 'node:path';
import { transform } from 'esbuild';

const kTypes = { '.html': 'text/html', '.js': 'text/javascript' };

/** The file behind a path; a .js that there is not is made of the .ts beside it. */
async function content(path) {
  const url = new URL(`.${path === '/' ? '/index.html' : path}`, import.meta.url);
  const type = kTypes[extname(url.pathname)];
  if (!type || !url.href.startsWith(new URL('.', import.meta.url).href)) return undefined;
  const file = await readFile(url).catch(() => undefined);
  if (file || type !== kTypes['.js']) return file && { type, file };
  const source = await readFile(new URL(url.href.replace(/\.js$/, '.ts')), 'utf8').catch(() => undefined);
  return source && { type, file: (await transform(source, { loader: 'ts', target: 'es2022' })).code };
}

const server = createServer(async (request, response) => {
  const found = await content(new URL(request.url, 'http://localhost').pathname);
  response.writeHead(found ? 200 : 404, found && { 'content-type': found.type });
  response.end(found?.file);
});
server.listen(Number(process.argv[2] ?? 8080), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
