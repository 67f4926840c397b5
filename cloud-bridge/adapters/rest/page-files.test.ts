import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPageFiles } from './page-files.ts';

describe('the page’s files', () => {
  it('are those of known kinds, by path, with the index at the root', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tonearm-page-'));
    mkdirSync(join(folder, 'views'));
    for (const name of ['index.html', 'app.js', 'views/player.js', 'notes.md', 'page.test.ts', '.env']) {
      writeFileSync(join(folder, name), name);
    }
    symlinkSync('/etc/hostname', join(folder, 'linked.js'));
    const files = await readPageFiles(folder);
    expect([...files.keys()]).toEqual(['/app.js', '/', '/views/player.js']);
    expect(files.get('/')).toMatchObject({ mediaType: 'text/html; charset=utf-8', content: Buffer.from('index.html') });
    expect(files.get('/app.js')?.etag).not.toBe(files.get('/')?.etag);
  });

  it('are none where there is no folder', async () => {
    expect((await readPageFiles('/nowhere/at/all')).size).toBe(0);
  });
});
