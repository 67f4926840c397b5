/** `npm run openapi`: writes the description of the bridge's routes into `docs/openapi.json`; with `--dry-run` prints it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeOpenApi, OPENAPI_FILE } from './openapi-document.ts';

const text = await makeOpenApi();
if (process.argv.includes('--dry-run')) process.stdout.write(text);
else {
  mkdirSync(dirname(OPENAPI_FILE), { recursive: true });
  writeFileSync(OPENAPI_FILE, text);
}
