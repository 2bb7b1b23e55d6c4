// One page of tests in a process of its own. Arguments: the page's URL, the factor for its timeouts. Results go to descriptor 3,
// one JSON object a line: {name, status, message, needs} for each subtest, then {harness: {status, message}}.

import { writeSync } from 'node:fs';
import '../../../lib/globals.js';
import { setBaseURL } from '../../../lib/settings.js';
import { Absent } from './absent.mjs';
import { makeDocument, runScripts } from './document.mjs';
import { fetchText } from './modules.mjs';
import { installWindow, reportError, reportRejection } from './window.mjs';
import { Worker } from './worker.mjs';

const [url, timeoutMultiplier] = process.argv.slice(2);
const kPassed = 0;
const write = (value) => writeSync(3, `${JSON.stringify(value)}\n`);

setBaseURL(url);
globalThis.Worker = Worker;
const absent = new Absent();
installWindow(url, absent);
process.on('uncaughtException', reportError);
process.on('unhandledRejection', reportRejection);

// In a page of audit.js a task runs many subtests and ends with one named so; else each subtest stands for itself.
const endsTask = (name) => !globalThis.Audit || /^Executing "/.test(name);

// A value that a task could not make is missing in those after it, too.
const isConsequence = ({ name, message }) => /properties of undefined/.test(`${name} ${message}`);

const everTouched = new Set();

function needsOf(test) {
  const { name, status } = test;
  const touched = absent.touched({ forget: endsTask(name) });
  for (const each of touched) everTouched.add(each);
  if (status === kPassed) return [];
  if (globalThis.IdlArray) return [absent.namedBy(name)].filter(Boolean);
  return touched.length === 0 && isConsequence(test) ? [...everTouched] : touched;
}

globalThis.conformance = {
  timeoutMultiplier: Number(timeoutMultiplier),
  result(test) {
    write({ name: test.name, status: test.status, message: test.message, needs: needsOf(test) });
  },
  completed(tests, { status, message }) {
    write({ harness: { status, message, needs: absent.touched({ forget: true }) } });
    process.exit(0);
  },
};

async function load() {
  globalThis.document = makeDocument(await fetchText(url), url, absent);
  absent.watch();
  await runScripts(document, { url, onError: reportError });
  document.readyState = 'complete';
  dispatchEvent(new Event('load'));
}

load().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
