import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parsePackages, readLayer } from './layer.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tonearm-layer-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a layer', () => {
  it('has what lies in its folder', () => {
    writeFileSync(path.join(folder, 'packages.txt'), '# radio\nfirmware-brcm80211  # Pi 3\r\n\nlibstdc++6\n');
    mkdirSync(path.join(folder, 'root'));
    expect(readLayer(folder)).toEqual({
      packages: ['firmware-brcm80211', 'libstdc++6'],
      sources: null,
      root: path.join(folder, 'root'),
      finish: null,
    });
  });

  it('is refused where there is none', () => {
    expect(() => readLayer(folder)).toThrow(/none of root, finish/);
    expect(() => readLayer(path.join(folder, 'other'))).toThrow(/no folder/);
  });

  it('is refused by the line that is no package’s name, which could be an option', () => {
    expect(() => parsePackages('good\n--download-only\n')).toThrow(/line 2: "--download-only"/);
    expect(() => parsePackages('a b')).toThrow(/line 1/);
    expect(() => parsePackages('ok\n'.repeat(201))).toThrow(/more than 200/);
  });

  it.each(['raspberry-pi'])('is there for %s', (name) => {
    const { packages, finish } = readLayer(path.join(import.meta.dirname, 'layers', name));
    expect(packages).toContain('raspi-firmware');
    expect(finish).not.toBeNull();
  });
});
