import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { INSTANCE_NAME_BYTES_MAX, instanceName } from './instance-name.ts';

const utf8Length = (text: string) => new TextEncoder().encode(text).length;

describe('instance name', () => {
  it('is the name itself, then numbered', () => {
    expect(instanceName('Kitchen', 1)).toBe('Kitchen');
    expect(instanceName('Kitchen', 2)).toBe('Kitchen (2)');
  });

  it('has no dots, and is never empty', () => {
    expect(instanceName('Dr. Who', 1)).toBe('Dr- Who');
    expect(instanceName('   ', 3)).toBe('Tonearm (3)');
  });

  it('fits a DNS label whatever the name, without cutting a character in two', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 90 }), fc.integer({ min: 1, max: 100 }), (name, ordinal) => {
        const label = instanceName(name, ordinal);
        expect(utf8Length(label)).toBeLessThanOrEqual(INSTANCE_NAME_BYTES_MAX);
        expect(label).not.toContain('.');
        expect(label.isWellFormed()).toBe(true);
        expect(label.length).toBeGreaterThan(0);
        if (ordinal > 1) expect(label.endsWith(` (${ordinal})`)).toBe(true);
      }),
    );
    expect(utf8Length(instanceName('ü'.repeat(60), 12))).toBeGreaterThan(60);
  });
});
