/** The script that decides which version starts, really run: what it does, ended at any step, and beside its model. */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OtaRecord } from '#device/core/ports/slot-store';
import { otaText, parseOta } from '#device/core/update/ota-text';
import { ReleaseMaker, versionOf } from '#sim/updates/release-maker';
import { programOf, SlotFolder } from '#sim/updates/slot-folder';
import { VirtualSlotStore } from '#sim/updates/virtual-slot-store';

const maker = new ReleaseMaker();
const [factory, a, b] = [programOf(maker, 3), programOf(maker, 4), programOf(maker, 5)] as const;
const bHash = b.manifest.artifact.sha256;
const onTrial: OtaRecord = { good: 'a', pending: 'b', tries: 3, candidate: bHash, outcome: 'trying', bad: [] };
/** What the script changes the disk with; between two of them it only reads. */
const TOOLS = ['sync', 'mv', 'ln', 'mkdir'];

let slots: SlotFolder;
beforeEach(() => {
  slots = new SlotFolder(factory);
});
afterEach(() => slots.remove());

const recordPath = () => join(slots.folder, 'ota.json');
const record = () => parseOta(readFileSync(recordPath(), 'utf8'));
function lay(it: OtaRecord | null): void {
  slots.place('a', a);
  slots.place('b', b);
  if (it === null) return;
  writeFileSync(recordPath(), otaText(it));
  writeFileSync(`${recordPath()}.backup`, otaText(it));
}
function startAnew(): string {
  expect(slots.select()).toBe(true);
  return slots.start('speaker', '--data', 'x');
}

describe('slot-select', () => {
  it('starts what the package brings where nothing else is, with the words that it is given', () => {
    expect(startAnew()).toBe('0.3.0 speaker --data x');
  });

  it('tries a new version three times, then goes back, remembers, and stays there', () => {
    lay(onTrial);
    const started = Array.from({ length: 6 }, () => startAnew().split(' ')[0]);
    expect(started).toEqual(['0.5.0', '0.5.0', '0.5.0', '0.4.0', '0.4.0', '0.4.0']);
    expect(record()).toEqual({ ...onTrial, pending: 'none', tries: 0, outcome: 'rolled-back', bad: [bHash] });
  });

  it('starts what is good without writing anything', () => {
    lay({ ...onTrial, good: 'b', pending: 'none', tries: 0, outcome: 'good' });
    const before = readFileSync(recordPath(), 'utf8');
    expect(startAnew()).toContain('0.5.0');
    expect(readFileSync(recordPath(), 'utf8')).toBe(before);
  });

  it.each([
    ['is shorter than was written down', () => truncateSync(join(slots.folder, 'slots/b/tonearm'), 99)],
    ['may not be executed', () => chmodSync(join(slots.folder, 'slots/b/tonearm'), 0o644)],
    ['is not there', () => rmSync(join(slots.folder, 'slots/b/tonearm'))],
    ['has no description', () => rmSync(join(slots.folder, 'slots/b/version.json'))],
  ])('does not try a version that %s', (_, damage) => {
    lay(onTrial);
    damage();
    expect(startAnew()).toContain('0.4.0');
    expect(record()?.outcome).toBe('rolled-back');
  });

  it('takes the package’s version where the good one is damaged, and any where that is damaged too', () => {
    lay({ ...onTrial, pending: 'none', tries: 0, outcome: 'good' });
    rmSync(join(slots.folder, 'slots/a/tonearm'));
    expect(startAnew()).toContain('0.3.0');
    expect(record()?.good).toBe('factory');
    truncateSync(join(slots.factory, 'tonearm'), 10);
    expect(startAnew()).toContain('0.5.0');
  });

  it('takes the package’s version when the package is the newer one', () => {
    slots.remove();
    slots = new SlotFolder(programOf(maker, 9));
    lay(onTrial);
    expect(startAnew()).toContain('0.9.0');
    expect(record()).toMatchObject({ good: 'factory', pending: 'none' });
  });

  it('reads the backup where the record is torn at any byte, and starts the package’s where both are', () => {
    const text = otaText(onTrial);
    for (let length = 0; length < text.length; length += 23) {
      lay({ ...onTrial, good: 'a', pending: 'none', tries: 0, outcome: 'good' });
      writeFileSync(recordPath(), text.slice(0, length));
      expect([length, startAnew().split(' ')[0]]).toEqual([length, '0.4.0']);
    }
    for (const torn of ['', '\0'.repeat(200), '{}', text.slice(0, -3), text.replace('"b"', '"c"')]) {
      writeFileSync(recordPath(), torn);
      writeFileSync(`${recordPath()}.backup`, torn);
      expect(startAnew()).toContain('0.3.0');
    }
  });

  it('tries nothing whose try cannot be written down', () => {
    lay(onTrial);
    const tools = join(slots.folder, 'tools');
    mkdirSync(tools);
    writeFileSync(join(tools, 'sync'), '#!/bin/sh\nexit 1\n');
    chmodSync(join(tools, 'sync'), 0o755);
    expect(slots.select({ PATH: `${tools}:${process.env['PATH'] ?? ''}` })).toBe(true);
    expect(slots.start()).toBe('0.4.0');
    expect(record()?.tries).toBe(3);
  });
});

describe('slot-select that is killed', () => {
  /** Tools that end the script that called them: the Nth of all calls, before or after doing what it was asked. */
  function layTools(killAt: number, when: 'before' | 'after'): string {
    const tools = join(slots.folder, 'tools');
    mkdirSync(tools, { recursive: true });
    writeFileSync(join(tools, 'count'), '0');
    for (const tool of TOOLS) {
      const real = `/usr/bin/${tool}`;
      const kill = 'kill -9 0';
      const body = when === 'before' ? kill : `${real} "$@"; ${kill}`;
      const count = `n=$(($(cat ${tools}/count) + 1)); echo $n >${tools}/count`;
      writeFileSync(
        join(tools, tool),
        `#!/bin/sh\n${count}\nif [ $n -eq ${killAt} ]; then ${body}; fi\nexec ${real} "$@"\n`,
      );
      chmodSync(join(tools, tool), 0o755);
    }
    return `${tools}:${process.env['PATH'] ?? ''}`;
  }

  it.each(['before', 'after'] as const)('%s any step: what is started next runs, and tries never grow', (when) => {
    let killed = 0;
    for (let at = 1; at < 60; at += 1) {
      slots.remove();
      slots = new SlotFolder(factory);
      lay({ ...onTrial, tries: at % 4 });
      if (slots.select({ PATH: layTools(at, when) })) break;
      killed += 1;
      // As the service manager does: it starts although the decision failed.
      expect(slots.start()).toMatch(/^0\.[345]\.0$/);
      expect(startAnew()).toMatch(/^0\.[45]\.0/);
      const after = record();
      expect(after?.tries ?? 9).toBeLessThanOrEqual(at % 4);
    }
    expect(killed).toBeGreaterThan(5);
  });
});

describe('slot-select and its model', () => {
  it('decide alike, whatever lies there', () => {
    const aState = fc.record({
      good: fc.constantFrom('a' as const, 'b' as const, 'factory' as const),
      pending: fc.constantFrom('a' as const, 'b' as const, 'none' as const),
      tries: fc.integer({ min: 0, max: 3 }),
      hasA: fc.boolean(),
      hasB: fc.boolean(),
      factorySeq: fc.constantFrom(3, 9),
      starts: fc.integer({ min: 1, max: 3 }),
    });
    fc.assert(
      fc.property(aState, ({ good, pending, tries, hasA, hasB, factorySeq, starts }) => {
        fc.pre(good !== pending);
        const from = factorySeq === 3 ? factory : programOf(maker, 9);
        const it: OtaRecord = { good, pending, tries, candidate: bHash, outcome: 'trying', bad: [] };
        slots.remove();
        slots = new SlotFolder(from);
        const model = new VirtualSlotStore({ factory: { version: versionOf(from), content: from.content } });
        lay(it);
        model.lay(it, { ...(hasA && { a }), ...(hasB && { b }) });
        if (!hasA) rmSync(join(slots.folder, 'slots/a'), { recursive: true });
        if (!hasB) rmSync(join(slots.folder, 'slots/b'), { recursive: true });
        for (let start = 0; start < starts; start += 1) {
          expect(startAnew().split(' ')[0]).toBe(model.selectStart().version.version);
          expect(record()).toEqual(model.record);
        }
      }),
      { numRuns: 20 },
    );
    expect(existsSync(recordPath())).toBe(true);
  });
});
