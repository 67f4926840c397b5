/** `node with-node.mjs SCRIPT [ARGS...]`: runs a script on the pinned Node, whatever Node this is. */
import { runScript } from './project.mjs';

const EXIT_USAGE = 2;

const [script, ...args] = process.argv.slice(2);
if (script === undefined) {
  process.stderr.write('usage: node with-node.mjs SCRIPT [ARGS...]\n');
  process.exitCode = EXIT_USAGE;
} else {
  process.exitCode = await runScript(script, args);
}
