import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CLOSE_CODES } from '#protocol/ports/transport';
import { ERROR_CODES, TonearmError } from '#protocol/vocabulary/errors';
import { bridgeMessageSchema } from '#protocol/wire/bridge-message';
import { BUS_COMMANDS } from '#protocol/wire/bus';
import { commandBodySchema } from '#protocol/wire/command';
import { MESSAGE_LENGTH_MAX } from '#protocol/wire/envelope';
import { speakerMessageSchema } from '#protocol/wire/speaker-message';

const text = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');

function section(number: number): string {
  const start = text.indexOf(`\n## ${number}. `);
  const end = text.indexOf(`\n## ${number + 1}. `);
  expect(start).toBeGreaterThan(0);
  return text.slice(start, end < 0 ? undefined : end);
}

/** First cells of the rows of a section's tables, without their back-ticks. */
function firstCells(of: string): string[] {
  return [...of.matchAll(/^\| ([^|]+) \|/gm)].map((row) => (row[1] ?? '').replaceAll('`', '').trim());
}

describe('the specification', () => {
  it('explains every error code in section 9, with its retryability, and no other', () => {
    const rows = [...section(9).matchAll(/^\| `([a-z]+\.[a-z-]+)` *\| (R?) *\| .+ \|$/gm)];
    expect(rows.map((row) => row[1])).toEqual([...ERROR_CODES]);
    for (const [, code, mark] of rows) {
      const known = ERROR_CODES.find((it) => it === code);
      if (known === undefined) throw new Error(`${code} is in no list`);
      expect([code, mark === 'R']).toEqual([code, new TonearmError(known, '').retryable]);
    }
  });

  it('lists every close code in section 3.4', () => {
    const rows = [...section(3).matchAll(/^\| (\d{4}) \| (\w+) *\|/gm)].map((row) => [row[2], Number(row[1])]);
    expect(Object.fromEntries(rows)).toEqual({ ...CLOSE_CODES });
  });

  it('names every message of the Connect socket in section 3, and every command in section 5', () => {
    const kindsOf = (
      options: readonly { _zod: { def: { shape: { kind: { _zod: { def: { values: string[] } } } } } } }[],
    ) => options.flatMap((option) => option._zod.def.shape.kind._zod.def.values);
    for (const kind of [
      ...kindsOf(speakerMessageSchema._zod.def.options),
      ...kindsOf(bridgeMessageSchema._zod.def.options),
    ]) {
      expect(section(3)).toContain(`\`${kind}\``);
    }
    const commands = firstCells(section(5)).flatMap((cell) => cell.split(', '));
    for (const kind of kindsOf(commandBodySchema._zod.def.options)) expect(commands).toContain(kind);
  });

  it('names every command of MQTT in section 14', () => {
    const names = firstCells(section(14)).flatMap((cell) => cell.split(', '));
    for (const name of BUS_COMMANDS) expect(names).toContain(name);
  });

  it('says the limits that the code keeps', () => {
    expect(section(3)).toContain(MESSAGE_LENGTH_MAX.toLocaleString('en'));
  });

  it('has the section that the code refers to', () => {
    for (const heading of ['### 3.4 ', '### 5.4 ', '### 8.3 ']) expect(text).toContain(heading);
    expect(section(4)).toContain('4.3 ');
  });
});
