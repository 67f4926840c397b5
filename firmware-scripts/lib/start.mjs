/** `npm start`: installs what is missing, then plays. */
import { join } from 'node:path';
import { bootstrap } from './bootstrap.mjs';
import { PROJECT_ROOT, runScript } from './project.mjs';

process.exitCode = (await bootstrap({ purpose: 'start' }))
  ? await runScript(join(PROJECT_ROOT, 'simulators', 'household', 'start.ts'), process.argv.slice(2))
  : 1;
