#!/usr/bin/env node
/** The `tonearm` command, on the pinned Node. What it has to say about itself goes to stderr: stdout is the command's. */
import { join } from 'node:path';
import { bootstrap } from './bootstrap.mjs';
import { PROJECT_ROOT, runScript } from './project.mjs';

process.exitCode = (await bootstrap({ purpose: 'command' }))
  ? await runScript(join(PROJECT_ROOT, 'cloud-bridge', 'phone', 'command-line', 'main.ts'), process.argv.slice(2))
  : 1;
