import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '#protocol/kit/silent-logger';
import { ms } from '#protocol/vocabulary/units';
import { parseFlightRecord } from '#protocol/wire/flight-record';
import { VirtualClock } from '#sim/world/virtual-clock';
import { FLIGHT_FILES_MAX, FlightBox } from './flight-box.ts';

const HEAD = { role: 'speaker', version: '1.2.3', configuration: { sink: 'virtual' } } as const;
let parent: string;
let folder: string;
let clock: VirtualClock;
let box: FlightBox;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'tonearm-flight-'));
  folder = join(parent, 'flight');
  clock = new VirtualClock();
  box = new FlightBox({ clock, logger: silentLogger }, folder, HEAD);
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

describe('the box of a flight recorder', () => {
  it('writes nothing before it is asked', async () => {
    box.recorder.note('network', { kind: 'changed' });
    await clock.advance(ms(60_000));
    expect(readdirSync(parent)).toEqual([]);
  });

  it('writes a record for its owner alone', async () => {
    await clock.advance(ms(3_000));
    box.recorder.note('network', { kind: 'changed' });
    const left = box.write('asked');
    const text = readFileSync(left.file, 'utf8');
    expect(left).toMatchObject({ seconds: 3, sizeBytes: text.length });
    expect(statSync(left.file).mode & 0o777).toBe(0o600);
    expect(parseFlightRecord(text)).toMatchObject({
      ok: true,
      value: { header: { version: '1.2.3', node: process.version }, entries: [{ t: 3_000_000 }] },
    });
  });

  it('keeps the latest few', async () => {
    const written: string[] = [];
    for (let count = 0; count < FLIGHT_FILES_MAX + 3; count += 1) {
      await clock.advance(ms(1_000));
      written.push(box.write('asked').file);
    }
    const kept = readdirSync(folder).map((name) => join(folder, name));
    expect(kept.sort()).toEqual(written.slice(-FLIGHT_FILES_MAX).sort());
  });

  it('writes of glitches once in a while only', async () => {
    for (let second = 0; second < 1_500; second += 1) {
      await clock.advance(ms(1_000));
      box.glitch('the loudspeaker ran dry');
    }
    expect(readdirSync(folder)).toHaveLength(3);
  });

  it('says so when it cannot, to who asked, and to nobody else', () => {
    writeFileSync(folder, 'a file is in the way');
    expect(() => box.write('asked')).toThrow(expect.objectContaining({ code: 'storage.failed' }));
    expect(() => box.glitch('the loudspeaker ran dry')).not.toThrow();
  });
});
