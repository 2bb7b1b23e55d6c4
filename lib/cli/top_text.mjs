// The lines that `backline top` shows.

const kStale = 3;          // seconds after which a program's page tells of the past
const kNodesAlone = 8;     // nodes shown of a session where the screen has no end
const kNameWidth = 26;

/** Names come from other programs: nothing in them may move the cursor. */
// eslint-disable-next-line no-control-regex
const plain = (text) => text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '?');

const fit = (text, width) => (text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text);
const percent = (part) => `${(part * 100).toFixed(1)} %`;
const microseconds = (seconds) => `${Math.round(seconds * 1e6)} µs`;
const milliseconds = (seconds) => `${(seconds * 1e3).toFixed(1)} ms`;
const plural = (count, what) => `${count} ${what}${count === 1 ? '' : 's'}`;

function clock(seconds) {
  const whole = Math.floor(seconds);
  const two = (value) => String(value).padStart(2, '0');
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

/** Facts side by side, as many to a line as fit. */
function wrapped(facts, indent, width) {
  const rows = [];
  for (const fact of facts) {
    const longer = rows.length ? `${rows.at(-1)} · ${fact}` : '';
    if (longer && longer.length <= width) rows[rows.length - 1] = longer;
    else rows.push(indent + fact);
  }
  return rows;
}

function programLine({ pid, name, renderPid, audioPid, renderPriority, age }) {
  const scheduling = renderPriority > 0 ? `FIFO ${renderPriority}` : 'ordinary';
  const helpers = renderPid ? `render ${renderPid} (${scheduling}), audio ${audioPid}` : 'starting';
  return `${plain(name)}  program ${pid}, ${helpers}${age > kStale ? `  not heard of for ${Math.round(age)} s` : ''}`;
}

function sessionLines(session, width) {
  const head = `  session ${session.id}: ${plain(session.device)} · ${session.state} · ${clock(session.time)}`;
  if (session.state !== 'running') return [head];
  return [head, ...wrapped([
    `cost ${percent(session.load)} of a quantum (${microseconds(session.costAverage)}), worst ${percent(session.worstLoad)}`,
    `ring ${session.ringFill}/${session.ringTarget} frames`,
    plural(session.underruns, 'underrun'),
    `latency ${milliseconds(session.latency)}`,
    `woken ${microseconds(session.latenessAverage)} late, worst ${microseconds(session.latenessWorst)}`,
    `${session.sampleRate} Hz, quantum ${session.quantum}`,
    plural(session.nodes, 'node'),
  ], '    ', width)];
}

const costRow = (name, seconds, part, note) =>
  `    ${fit(name, kNameWidth).padEnd(kNameWidth)} ${microseconds(seconds).padStart(9)} ${percent(part).padStart(8)}${note && `  ${note}`}`;

function nodeLines(session, most) {
  if (session.state !== 'running') return [];
  const worklets = session.worklets.map(({ name, nodes, seconds, share }) =>
    costRow(`worklet ${plain(name)}`, seconds, share, plural(nodes, 'node')));
  const nodes = session.costliest.filter(({ type }) => type).map(({ id, type, processor, seconds, share }) =>
    costRow(`${plain(type)} ${id}`, seconds, share, processor ? plain(processor) : ''));
  const kept = Math.min(worklets.length, Math.floor(most / 2));
  return [...worklets.slice(0, kept), ...nodes.slice(0, most - kept)];
}

/** A report as lines no longer than `columns`; no more than `rows` of them, where that is given. */
export function lines({ programs }, columns, rows = Infinity) {
  if (!programs.length) return ['no Backline program is running'];
  const heads = programs.map((program) => ({
    line: programLine(program),
    sessions: program.sessions.map((session) => ({ session, rows: sessionLines(session, columns) })),
    omitted: program.omitted,
  }));
  const fixed = heads.reduce((sum, head) => sum + 2 + (head.omitted ? 1 : 0) + head.sessions.reduce((each, { rows: own }) => each + own.length, 0), 0);
  const running = heads.flatMap(({ sessions }) => sessions).filter(({ session }) => session.state === 'running').length;
  const most = rows === Infinity ? kNodesAlone : Math.max(0, Math.floor((rows - fixed) / Math.max(1, running)));
  const text = heads.flatMap((head) => [
    head.line,
    ...head.sessions.flatMap(({ session, rows: own }) => [...own, ...nodeLines(session, most)]),
    ...(head.omitted ? [`  and ${plural(head.omitted, 'session')} more`] : []),
    '',
  ]).slice(0, -1);
  const shown = text.length > rows ? [...text.slice(0, rows - 1), '…'] : text;
  return shown.map((line) => fit(line, columns));
}
