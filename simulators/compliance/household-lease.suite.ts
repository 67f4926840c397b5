/** What every lease of a household must do, wherever it is kept. */
import { describe, expect, it } from 'vitest';
import type { HouseholdLease } from '#bridge/core/ports/household-lease';

/** @param open two bridges' views of the same fresh row */
export function householdLeaseSuite(name: string, open: () => readonly [HouseholdLease, HouseholdLease]): void {
  describe(`household lease: ${name}`, () => {
    it('is nobody’s at first, and then its taker’s, in a new term', async () => {
      const [one, two] = open();
      expect(await one.read()).toEqual({ node: null, term: 0, beats: 0 });
      expect(await one.take('one', await one.read())).toBe(1);
      expect(await two.read()).toMatchObject({ node: 'one', term: 1 });
    });

    it('goes to one of two who want it', async () => {
      const [one, two] = open();
      const seen = await one.read();
      const taken = [await one.take('one', seen), await two.take('two', seen)];
      expect(taken).toEqual([1, null]);
    });

    it('cannot be taken from who has renewed it meanwhile', async () => {
      const [one, two] = open();
      const term = (await one.take('one', await one.read())) ?? -1;
      const seen = await two.read();
      expect(await one.renew(term)).toBe(true);
      expect(await two.take('two', seen)).toBeNull();
      expect((await two.read()).beats).toBeGreaterThan(seen.beats);
    });

    it('is lost to who has taken it', async () => {
      const [one, two] = open();
      const first = (await one.take('one', await one.read())) ?? -1;
      const second = await two.take('two', await two.read());
      expect(second).toBe(first + 1);
      expect(await one.renew(first)).toBe(false);
      await one.release(first);
      expect(await two.read()).toMatchObject({ node: 'two', term: second });
    });

    it('is free once it is released, and not renewed any more', async () => {
      const [one, two] = open();
      const term = (await one.take('one', await one.read())) ?? -1;
      await one.release(term);
      expect((await two.read()).node).toBeNull();
      expect(await one.renew(term)).toBe(false);
      expect(await two.take('two', await two.read())).toBe(term + 1);
    });
  });
}
