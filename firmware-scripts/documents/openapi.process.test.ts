import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { makeOpenApi, OPENAPI_FILE } from './openapi-document.ts';

it('the file in docs is what a bridge says of its routes; `npm run openapi` writes it anew', async () => {
  expect(readFileSync(OPENAPI_FILE, 'utf8')).toBe(await makeOpenApi());
}, 60_000);
