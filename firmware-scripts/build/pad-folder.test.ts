import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { PADDED_TO_BYTES, PADDING_FILE, paddingOf, padFolder } from './pad-folder.ts';

describe('padding', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tonearm-pad-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const total = () => {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    return files.reduce(
      (sum, { parentPath, name }) => sum + zstdCompressSync(readFileSync(join(parentPath, name))).length,
      0,
    );
  };

  it('makes the files of a folder as long as those of the version before, together and compressed', () => {
    mkdirSync(join(folder, 'app'));
    for (const line of ['one line\n', 'one line\nanother\n', 'x'.repeat(5_000)]) {
      writeFileSync(join(folder, 'app', 'main.js'), line);
      padFolder(folder);
      expect(total()).toBe(PADDED_TO_BYTES);
    }
    expect(readdirSync(folder).sort().at(-1)).toBe(PADDING_FILE);
  });

  it('has the length that is wanted, nearly so where none has it, and is the same each time', () => {
    expect(Math.abs(zstdCompressSync(paddingOf(131_072)).length - 131_072)).toBeLessThan(16);
    for (const length of [20, 1_000, 200_001, 250_000]) {
      expect(zstdCompressSync(paddingOf(length)).length).toBe(length);
    }
    expect(paddingOf(1_000).equals(paddingOf(1_000))).toBe(true);
  });
});
