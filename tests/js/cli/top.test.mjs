import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { allGone, backline, pidsOf, program, start, until } from './support.mjs';
import { summarize } from '../../../lib/cli/top_report.mjs';
import { lines } from '../../../lib/cli/top_text.mjs';

const virtual = { env: { BACKLINE_DEVICE: 'virtual' } };

async function top() {
  const { status, stdout, stderr } = await backline(['top', '--json']);
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout).programs;
}

/** Processes that hold a segment of the status's name. */
function holders() {
  return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid)).filter((pid) => {
    try {
      return readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith('/memfd:backline-status'));
    } catch {
      return false;
    }
  }).map(Number);
}

test('top shows two programs with their sessions, and a killed one no more', async (t) => {
  const tone = start(['play', program('tone.mjs')], virtual);
  const grains = start(['play', program('grains.mjs')], virtual);
  t.after(() => [tone, grains].forEach(({ child }) => child.kill('SIGKILL')));
  const pids = [await pidsOf(tone), await pidsOf(grains)];
  const find = (programs, { program: pid }) => programs.find((each) => each.pid === pid);

  const [first, second] = await until('both programs with the costs of their nodes', async () => {
    const programs = await top();
    const shown = pids.map((each) => find(programs, each));
    return shown.every((each) => each?.sessions[0]?.costliest.length && each.renderPid) && shown[1].sessions[0].worklets.length && shown;
  });
  assert.equal(first.name, 'tone.mjs');
  assert.deepEqual([first.renderPid, first.audioPid], [pids[0].render, pids[0].audio]);
  const [session] = first.sessions;
  assert.equal(session.state, 'running');
  assert.equal(session.backend, 'virtual');
  assert.ok(session.costAverage > 0 && session.costWorst >= session.costAverage);
  assert.ok(session.ringTarget > 0);
  assert.ok(session.latency > 0);
  assert.ok(session.costliest.some(({ type }) => type === 'OscillatorNode'), JSON.stringify(session.costliest));

  assert.equal(second.name, 'grains.mjs');
  const [worklet] = second.sessions[0].worklets;
  assert.deepEqual([worklet.name, worklet.nodes], ['grain', 3]);

  // Its own thread is blocked by now, and its page goes on.
  const before = second.sessions[0].frame;
  await until('a blocked program to be shown further on', async () => {
    const { age, sessions } = find(await top(), pids[1]);
    return age < 2 && sessions[0].frame > before + 2 * sessions[0].sampleRate;
  });

  grains.child.kill('SIGKILL');
  await grains.ended;
  await allGone([pids[1].render, pids[1].audio]);
  const left = await top();
  assert.equal(find(left, pids[1]), undefined);
  assert.ok(find(left, pids[0]));
  assert.ok(!holders().includes(pids[1].program));

  const { stdout } = await backline(['top', '--once']);
  assert.match(stdout, new RegExp(`^tone\\.mjs  program ${pids[0].program}, render \\d+ \\(.*\\), audio \\d+$`, 'm'));
  assert.match(stdout, /^ {2}session 1: .*virtual.* · running · 0:00:\d\d$/mi);
  tone.child.kill('SIGINT');
  assert.equal((await tone.ended).status, 0);
});

test('--json with --interval writes a document a line until it is ended', async () => {
  const showing = start(['top', '--json', '--interval', '0.1']);
  const text = await until('two lines', () => showing.output().split('\n').length > 2 && showing.output());
  for (const line of text.split('\n').slice(0, 2)) assert.ok(Array.isArray(JSON.parse(line).programs));
  showing.child.kill('SIGINT');
  await showing.ended;
});

test('BACKLINE_LOG=perf tells of every second on standard error, and once of a suspension', async () => {
  const { status, stderr } = await backline(['play', program('pauses.mjs')], { env: { ...virtual.env, BACKLINE_LOG: 'perf' } });
  assert.equal(status, 0, stderr);
  const told = stderr.split('\n').filter((line) => line.startsWith('backline perf: '));
  const running = told.filter((line) => /^backline perf: session 1 on virtual: cost \d+ µs \(\d+\.\d %\), worst \d+ µs \(\d+\.\d %\); ring \d+\/\d+ frames; underruns \d+ new, \d+ in all; woken \d+ µs late, worst \d+ µs$/.test(line));
  assert.ok(running.length >= 2, stderr);
  assert.equal(told.filter((line) => line.endsWith(': suspended')).length, 1, stderr);
  assert.equal(running.length + told.filter((line) => /: (suspended|closed)$/.test(line)).length, told.length, stderr);
});

test('without BACKLINE_LOG nothing is told', async () => {
  const { stderr } = await backline(['play', program('tone.mjs'), '--seconds', '1.5'], virtual);
  assert.equal(stderr, '');
});

const session = (id, nodes) => ({
  id, device: 'A device', backend: 'virtual', sampleRate: 48000, quantum: 128, state: 'running', frame: 48000 * 3725, costAverage: 2e-4,
  costWorst: 4e-4, ringFill: 512, ringTarget: 640, underruns: 1, underrunFrames: 64, latency: 0.0123, latenessAverage: 5e-5,
  latenessWorst: 2e-4, nodes, costliest: Array.from({ length: nodes }, (_, i) => ({
    id: i + 1, type: 'AudioWorkletNode', processor: `processor ${i % 2}`, seconds: 1e-5, share: 0.05,
  })),
});
const report = (sessions, name = 'a.mjs') => ({ programs: [{ pid: 1, name, age: 0, audioPid: 2, renderPid: 3, renderPriority: 60, sessions, omitted: 0 }].map(summarize) });

test('what top shows fits the terminal, however narrow and low', () => {
  const full = report([session(1, 20), session(2, 20)]);
  for (const [columns, rows] of [[120, 40], [80, 24], [40, 10], [20, 3]]) {
    const shown = lines(full, columns, rows);
    assert.ok(shown.length <= rows, `${shown.length} lines of ${rows}`);
    for (const line of shown) assert.ok(line.length <= columns, `"${line}" is longer than ${columns}`);
  }
  const text = lines(full, 120, 40).join('\n');
  assert.match(text, /cost 7\.5 % of a quantum \(200 µs\), worst 15\.0 %/);
  assert.match(text, /session 1: A device · running · 1:02:05/);
  assert.match(text, /worklet processor 0 +100 µs +50\.0 % {2}10 nodes/);
});

test('a name cannot move the cursor', () => {
  const text = lines(report([session(1, 2)], 'evil\x1b[2J\n\x9b1m'), 120).join('');
  // eslint-disable-next-line no-control-regex
  assert.doesNotMatch(text, /[\x00-\x1f\x7f-\x9f]/);
});

test('where nothing runs top says so', () => {
  assert.deepEqual(lines({ programs: [] }, 80), ['no Backline program is running']);
});
