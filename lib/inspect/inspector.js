// Lets debuggers look into the program's worklets. What serves them has a thread of its own: a program that computes, or stands at a breakpoint
// of its own, keeps none of them waiting.
import { Worker } from 'node:worker_threads';
import { settings } from '../settings.js';

let server;

/// Serves the debuggers of one process's worklets at a socket's descriptor, at the address that the settings name.
export function serveInspection(socket) {
  if (!server) {
    const { host, port } = settings.inspect;
    server = new Worker(new URL('server.mjs', import.meta.url), { workerData: { host, port, name: settings.programName ?? 'a program' } });
    server.unref();
    server.on('error', (error) => console.error(`backline: worklets cannot be inspected: ${error.message}`));
  }
  server.postMessage(socket);
}
