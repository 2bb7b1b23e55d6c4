import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { build } from './driver.mjs';

const driver = new URL('./driver.mjs', import.meta.url).href;
const live = `
  const { Session } = await import(${JSON.stringify(driver)});
  const open = (body = 'return true') => {
    const s = new Session();
    s.load(\`registerProcessor('p', class extends AudioWorkletProcessor { process(i, o) { \${body} } })\`);
    return [s, s.create('p')];
  };
  const idle = open();
  const [busy, node] = open('for (let k = 0; k < 1000; ++k) globalThis.garbage = [k]; return true');
  busy.startThread(node);
  await new Promise((done) => setTimeout(done, 30));`;

/** Runs a program in a process of its own. */
function run(program, ...flags) {
  const { status, signal, stderr, stdout } = spawnSync(process.execPath, [...flags, '--input-type=module', '-e', program], {
    env: { ...process.env, BACKLINE_BUILD: build }, encoding: 'utf8', timeout: 60000,
  });
  return { status, signal, stderr, stdout };
}

const endings = {
  'process.exit()': ['process.exit(7)', 7],
  'the end of the program': ['busy.stopThread(); process.exitCode = 5', 5],
  'an uncaught exception': ['throw new Error("mine")', 1],
  'process.exit() in an exit handler of its own': ['process.on("exit", () => process.exit(3)); process.exit(2)', 3],
  'an unhandled rejection': ['Promise.reject(new Error("mine")); await new Promise((done) => setTimeout(done, 1000))', 1],
};
for (const [name, [ending, expected]] of Object.entries(endings)) {
  test(`${name} ends the process cleanly while sessions live and one renders`, () => {
    for (let i = 0; i < 3; ++i) {
      const { status, signal, stderr } = run(`${live}\n${ending};`);
      assert.equal(signal, null, stderr);
      assert.equal(status, expected, stderr);
    }
  });
}

test('process.exit() ends a script that would never return', () => {
  const { status, signal, stderr } = run(`${live}
    const [stuck, n] = open('for (;;);');
    stuck.startThread(n);
    await new Promise((done) => setTimeout(done, 50));
    process.exit(4);`);
  assert.equal(signal, null, stderr);
  assert.equal(status, 4, stderr);
});

test('a worker ends cleanly with its sessions, and the program and its own go on', () => {
  const { status, signal, stderr, stdout } = run(`
    import { Worker } from 'node:worker_threads';
    ${live}
    const source = ${JSON.stringify(live)} + 'if (process.argv[2] === "exit") process.exit(0); busy.stopThread();';
    for (const how of ['exit', 'end']) {
      await new Promise((done, failed) => new Worker(new URL('data:text/javascript,' + encodeURIComponent(source)), { argv: [how] }).on('exit', done).on('error', failed));
    }
    const terminated = new Worker(new URL('data:text/javascript,' + encodeURIComponent(source + 'await new Promise((done) => setTimeout(done, 1e6))')));
    await new Promise((done) => setTimeout(done, 500));
    await terminated.terminate();
    busy.stopThread();
    console.log(busy.quantum(node)[0].result);
    process.exit(0);`);
  assert.equal(signal, null, stderr);
  assert.equal(status, 0, stderr);
  assert.equal(stdout.trim(), 'keepAlive');
});

test('a session that was closed while its processors are held leaves nothing that crashes', () => {
  const { status, stderr } = run(`${live}
    idle[0].close();
    for (let i = 0; i < 20; ++i) open()[0].close();
    busy.stopThread(); busy.close();`);
  assert.equal(status, 0, stderr);
});
