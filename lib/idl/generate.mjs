// Build step: writes lib/generated from interfaces.json.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

import { generate } from './generator.mjs';

const { javascript, typescript } = generate(JSON.parse(readFileSync(new URL('interfaces.json', import.meta.url), 'utf8')));
const folder = new URL('../generated/', import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL('interfaces.js', folder), javascript);
writeFileSync(new URL('index.d.ts', folder), typescript);
