// The render host: a Node process that renders the sessions of one program. It serves the socket it inherits as descriptor 3.
import { loadAddon } from './build.js';

process.title = 'backline-render';
new Date().getTimezoneOffset();   // read while files can be: worklets keep the zone
await loadAddon('script.node').runHost(3);
