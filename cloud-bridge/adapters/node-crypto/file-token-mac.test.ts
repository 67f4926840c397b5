import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileTokenMac } from './file-token-mac.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tonearm-mac-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the token key', () => {
  it('signs the same after a restart, and differently in another house', () => {
    const signature = createFileTokenMac(folder).sign('text');
    expect(createFileTokenMac(folder).verify('text', signature)).toBe(true);
    const other = mkdtempSync(join(tmpdir(), 'tonearm-mac-'));
    expect(createFileTokenMac(other).verify('text', signature)).toBe(false);
    rmSync(other, { recursive: true });
  });

  it('refuses another text, a cut signature, and rubbish', () => {
    const mac = createFileTokenMac(folder);
    const signature = mac.sign('text');
    for (const [text, given] of [
      ['Text', signature],
      ['text', signature.slice(1)],
      ['text', ''],
      ['text', '\u0000'],
    ] as const) {
      expect(mac.verify(text, given)).toBe(false);
    }
  });

  it('is for its owner’s eyes only, and is made anew when it was cut short', () => {
    createFileTokenMac(folder);
    const path = join(folder, 'content-token.key');
    expect(statSync(path).mode & 0o077).toBe(0);
    writeFileSync(path, 'cut');
    const signature = createFileTokenMac(folder).sign('text');
    expect(createFileTokenMac(folder).verify('text', signature)).toBe(true);
  });
});
