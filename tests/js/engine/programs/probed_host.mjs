// lib/host.mjs with native code of the test's own in it.
import { loadAddon } from '../../../../lib/build.js';

process.title = 'backline-render';
loadAddon('sandbox_probe.node');
await loadAddon('script.node').runHost(3);
