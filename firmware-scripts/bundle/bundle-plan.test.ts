import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BUNDLE_BANNER, BUNDLE_PLANS, bundledPath, relocateSource } from './bundle-plan.ts';

describe('relocateSource', () => {
  it('leads from a source folder to its place in the bundle', () => {
    const text = "const page = join(import.meta.dirname, '..', 'web');";
    expect(relocateSource(text, 'cloud-bridge/app')).toBe(
      "const page = join(__sourceFolder(\"cloud-bridge/app\"), '..', 'web');",
    );
  });

  it('names worker threads as they are called there, and leaves imports alone', () => {
    expect(relocateSource("join(folder, 'audio-worker.ts')", 'a')).toBe("join(folder, 'audio-worker.js')");
    expect(relocateSource("import { a } from './audio-worker.ts';", 'a')).toBe(
      "import { a } from './audio-worker.ts';",
    );
  });
});

describe('BUNDLE_BANNER', () => {
  it('finds the root from where every entry lies', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tonearm-banner-'));
    for (const entry of BUNDLE_PLANS.flatMap(({ entries }) => entries))
      expect(bundledPath(entry).split('/')).toHaveLength(3);
    const script = join(folder, 'main.mjs');
    writeFileSync(script, `${BUNDLE_BANNER}\nconsole.log(__sourceFolder('device/core'), typeof require('fs').open);`);
    const { stdout } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
    expect(stdout.trim()).toBe(`${join(folder, '..', '..', 'device', 'core')} function`);
    rmSync(folder, { recursive: true });
  });
});
