// The thread that debuggers talk to: lists the worklets as targets, as Node does with its own, and passes messages on.
import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { Socket, isIP } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { WebSocketServer } from 'ws';
import { decoder, encode, kAdded, kClose, kGone, kLatin1, kOpen, kUtf16 } from './messages.js';

const { host, port, name } = workerData;
const targets = new Map();   // id → {id, title, process, number}
let scopes = 0;

/** The far end of one process's socket: its targets come and go with what it says. */
class Process {
  #channels = new Map();   // number → WebSocket
  #last = 0;

  constructor(descriptor) {
    this.socket = new Socket({ fd: descriptor, readable: true, writable: true });
    this.socket.on('data', decoder((kind, number, bytes) => this.#take(kind, number, bytes)));
    this.socket.on('error', () => {});
    this.socket.on('close', () => this.#forget(() => true));
  }

  open(target, client) {
    const channel = ++this.#last;
    this.#channels.set(channel, Object.assign(client, { target }));
    const number = Buffer.alloc(4);
    number.writeUInt32LE(target.number);
    this.socket.write(encode(kOpen, channel, number));
    client.on('message', (data) => this.socket.write(encode(kUtf16, channel, Buffer.from(String(data), 'utf16le'))));
    client.on('close', () => {
      this.#channels.delete(channel);
      if (!this.socket.destroyed) this.socket.write(encode(kClose, channel));
    });
    client.on('error', () => {});
  }

  #take(kind, number, bytes) {
    if (kind === kAdded) {
      const id = randomUUID();
      targets.set(id, { id, number, process: this, title: `${name}: AudioWorklet ${++scopes}` });
    } else if (kind === kGone) {
      this.#forget((target) => target.number === number);
    } else {
      this.#channels.get(number)?.send(bytes.toString(kind === kLatin1 ? 'latin1' : 'utf16le'));
    }
  }

  #forget(which) {
    for (const [id, target] of targets) if (target.process === this && which(target)) targets.delete(id);
    for (const client of this.#channels.values()) if (which(client.target)) client.close();
  }
}

/** Only names that no page of the Web can have: what a browser was sent here for by somebody else's name is refused. */
function isOurs(request) {
  const asked = (request.headers.host ?? '').replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return isIP(asked) !== 0 || asked === 'localhost' || asked.endsWith('.localhost');
}

function describe({ id, title }, at) {
  const address = `${at}/${id}`;
  return {
    id, title, description: 'an AudioWorkletGlobalScope of Backline', type: 'node', url: 'file://', webSocketDebuggerUrl: `ws://${address}`,
    devtoolsFrontendUrl: `devtools://devtools/bundled/js_app.html?experiments=true&v8only=true&ws=${address}`,
  };
}

const answers = {
  '/json': (at) => [...targets.values()].map((target) => describe(target, at)),
  '/json/version': () => ({ Browser: `node.js/${process.version}`, 'Protocol-Version': '1.1' }),
};
answers['/json/list'] = answers['/json'];

const server = createServer((request, response) => {
  const answer = isOurs(request) && answers[new URL(request.url, 'http://localhost').pathname.replace(/\/$/, '')];
  if (!answer) return void response.writeHead(isOurs(request) ? 404 : 400).end();
  const body = JSON.stringify(answer(request.headers.host), null, 2);
  response.writeHead(200, { 'Content-Type': 'application/json; charset=UTF-8', 'Cache-Control': 'no-cache' }).end(body);
});

const sockets = new WebSocketServer({ noServer: true, maxPayload: 64 << 20, perMessageDeflate: false });
server.on('upgrade', (request, socket, head) => {
  const target = isOurs(request) && targets.get(request.url.slice(1));
  if (!target) return void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
  sockets.handleUpgrade(request, socket, head, (client) => target.process.open(target, client));
});
server.on('error', (error) => writeSync(2, `backline: worklets cannot be inspected at ${host}:${port}: ${error.code === 'EADDRINUSE' ? 'the port is taken' : error.message}\n`));
server.listen(port, host, () => {
  const { address, family, port: taken } = server.address();
  writeSync(2, `backline: worklets can be inspected at ${family === 'IPv6' ? `[${address}]` : address}:${taken}, with chrome://inspect or by attaching VS Code\n`);
});

parentPort.on('message', (descriptor) => new Process(descriptor));
