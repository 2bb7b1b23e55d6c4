// Makes 'backline' importable from any program in this process, wherever its file lies.

import * as module from 'node:module';
import { resolve } from './hooks_resolve.mjs';

export function installHooks() {
  if (module.registerHooks) module.registerHooks({ resolve });
  else module.register('./hooks_resolve.mjs', import.meta.url);
}
