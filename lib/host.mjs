// The render host: a Node process that renders the sessions of one program. It serves the socket it inherits as descriptor 3.
import { loadAddon } from './build.js';

process.title = 'backline-render';
await loadAddon('script.node').runHost(3);
