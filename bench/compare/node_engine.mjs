// One of the engines that live in Node, in a process of its own: renders the cases its parent names.
import { renderCase } from './cases/render.mjs';

const kPackages = { backline: '../../lib/index.js', 'node-web-audio-api': 'node-web-audio-api' };

const audio = await import(kPackages[process.argv[2]]).catch((error) => {
  process.send({ failed: error.message });
  process.exit();
});
process.on('message', async (order) => {
  try {
    process.send(await renderCase(order, audio));
  } catch (error) {
    process.send({ error: `${error.name}: ${error.message}` });
  }
});
process.on('disconnect', () => process.exit());
process.send({ ready: true });
