// backline play --watch: worklet modules that are saved take the place of what plays.

import { readFileSync, watch } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { added } from '../worklet/added.js';
import { describe } from './failure.mjs';

const kSettle = 30;   // milliseconds: editors save in several steps

/** The text of a file; undefined while there is none, or nothing in it yet. */
function textOf(path) {
  try {
    return readFileSync(path, 'utf8') || undefined;
  } catch {
    return undefined;
  }
}

/** Watches every file of which the program's worklets are made, from the modules added from now on to the end of the process. */
export class ModuleWatch {
  #texts = new Map();         // path → what of it plays
  #modules = new Map();       // context → url → {paths, replace}
  #directories = new Set();
  #timer;
  #replacing = Promise.resolve();

  constructor() {
    added.on('module', (module) => this.#remember(module));
  }

  #remember({ context, url, graph, replace }) {
    const files = graph.filter((module) => module.url.startsWith('file:'));
    const paths = files.map((module) => fileURLToPath(module.url));
    paths.forEach((path, i) => {
      this.#texts.set(path, files[i].source);
      this.#watch(dirname(path));
    });
    if (!this.#modules.has(context)) this.#modules.set(context, new Map());
    this.#modules.get(context).set(url, { paths, replace });
  }

  // Directories: whoever saves by renaming puts another file in a file's place.
  #watch(directory) {
    if (this.#directories.has(directory)) return;
    this.#directories.add(directory);
    const watcher = watch(directory, (event, name) => {
      if (name !== null && !this.#texts.has(join(directory, name))) return;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => { this.#replacing = this.#replacing.then(() => this.#replaceChanged()); }, kSettle);
    });
    watcher.unref();
    watcher.on('error', (error) => console.error(`backline: ${directory} is not watched any more: ${error.message}`));
  }

  async #replaceChanged() {
    const changed = new Set([...this.#texts].filter(([path, text]) => (textOf(path) ?? text) !== text).map(([path]) => path));
    if (!changed.size) return;
    for (const [context, modules] of this.#modules) {
      if (context.state === 'closed') {
        this.#modules.delete(context);
        continue;
      }
      for (const [url, { paths, replace }] of modules) if (paths.some((path) => changed.has(path))) await this.#replace(url, replace);
    }
  }

  async #replace(url, replace) {
    const begin = performance.now();
    try {
      await replace();
      console.log(`replaced ${url.slice(url.lastIndexOf('/') + 1)} in ${(performance.now() - begin).toFixed(0)} ms`);
    } catch (error) {
      console.error(`backline: not replaced, what played plays on\n  ${describe(error)}`);
    }
  }
}
