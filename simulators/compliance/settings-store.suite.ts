/** What every settings store must keep to: the contract of `device/core/ports/settings-store.ts` as tests. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SettingsStore, SpeakerSettings } from '#device/core/ports/settings-store';
import { resumeToken, speakerId } from '#protocol/vocabulary/ids';
import { percent } from '#protocol/vocabulary/units';

export interface SettingsPlace {
  /** A store as the next process would open it, over the same place. */
  open(): SettingsStore;
  stop(): Promise<void>;
}

const FIRST: SpeakerSettings = {
  speakerId: speakerId('speaker-under-test'),
  name: 'Küche “links”',
  volume: percent(37),
  resumeToken: null,
  lastBridgeAddress: null,
};
const SECOND: SpeakerSettings = {
  ...FIRST,
  volume: percent(100),
  resumeToken: resumeToken('token-given-by-bridge'),
  lastBridgeAddress: 'ws://192.168.1.5:4747',
};
const SAVES_AT_ONCE = 20;

export function describeSettingsStore(name: string, create: () => Promise<SettingsPlace>): void {
  describe(`settings store: ${name}`, () => {
    let place: SettingsPlace;
    beforeEach(async () => {
      place = await create();
    });
    afterEach(() => place.stop());

    it('has nothing on first start', async () => {
      expect(await place.open().load()).toBeNull();
    });

    it('gives back what was saved, also to the next process', async () => {
      const store = place.open();
      await store.save(FIRST);
      expect(await store.load()).toEqual(FIRST);
      await store.save(SECOND);
      expect(await place.open().load()).toEqual(SECOND);
    });

    it('keeps the last of many saves asked for at once', async () => {
      const store = place.open();
      const saves = Array.from({ length: SAVES_AT_ONCE }, (_, volume) =>
        store.save({ ...FIRST, volume: percent(volume) }),
      );
      await Promise.all(saves);
      expect((await place.open().load())?.volume).toBe(SAVES_AT_ONCE - 1);
    });

    it('keeps a copy: what the caller does to the object later is not kept', async () => {
      const mutable = { ...FIRST, name: 'before' };
      const store = place.open();
      await store.save(mutable);
      mutable.name = 'after';
      expect((await store.load())?.name).toBe('before');
    });
  });
}
