/** Each of the twenty-three faults has a scenario that is there: the README's table, held to the files. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const FAULTS = 23;
/** Their scenarios are not written yet: `owed` stands in their row, until they are taken out of this list. */
const OWED: readonly number[] = [];
const ROOT = path.join(import.meta.dirname, '..', '..');
const ROW = /^\| (\d+|–) \|([^|]+)\|([^|]*)\|([^|]*)\|$/;

interface Row {
  /** Null: a fault beyond the numbered ones. */
  readonly number: number | null;
  readonly named: readonly string[];
  readonly isOwed: boolean;
}

function rows(): readonly Row[] {
  const text = readFileSync(path.join(import.meta.dirname, 'README.md'), 'utf8');
  const section = text.slice(text.indexOf('## Faults and where they are shown')).split('\n## ')[0] ?? '';
  return section.split('\n').flatMap((line): Row[] => {
    const [, number = '', , virtual = '', real = ''] = ROW.exec(line) ?? [];
    if (number === '') return [];
    const named = [...`${virtual} ${real}`.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
    return [{ number: number === '–' ? null : Number(number), named, isOwed: virtual.trim() === 'owed' }];
  });
}

/** A bench is a command, and no file. */
const isFile = (name: string): boolean => !name.startsWith('npm run');

function fileOf(name: string): string {
  return path.join(name.includes('/') ? ROOT : import.meta.dirname, `${name}.test.ts`);
}

describe('the table of faults', () => {
  it('has each of them, once and in order', () => {
    const numbers = rows().flatMap(({ number }) => (number === null ? [] : [number]));
    expect(numbers).toEqual(Array.from({ length: FAULTS }, (_, place) => place + 1));
  });

  it('names a scenario for each that is not owed, and files that there are', () => {
    for (const { number, named, isOwed } of rows()) {
      const files = named.filter(isFile);
      if (number !== null) expect(isOwed, `fault ${number} is owed`).toBe(OWED.includes(number));
      if (!isOwed) expect(files.length, `scenarios of fault ${number}`).toBeGreaterThan(0);
      for (const name of files) expect(existsSync(fileOf(name)), `${name}, for fault ${number}`).toBe(true);
    }
  });
});
