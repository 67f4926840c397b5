/** What every store of availability rules must keep to: the contract of `cloud-bridge/core/ports/availability-rules.ts` as tests. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AvailabilityRules, AvailabilityRulesStore } from '#bridge/core/ports/availability-rules';
import { AVAILABLE_EVERYWHERE } from '#bridge/core/services/catalogue/availability';
import { type AlbumId, albumId, type TrackId, trackId } from '#protocol/vocabulary/ids';

/** A library of one album with two tracks. */
export interface RulesPlace {
  readonly tracks: readonly [TrackId, TrackId];
  readonly album: AlbumId;
  /** A store as the next process would open it, over the same place. The earlier one is closed or was killed. */
  open(): Promise<AvailabilityRulesStore>;
  stop(): Promise<void>;
}

const AUSTRIA: AvailabilityRules = { countries: ['AT', 'DE'], fromMs: null, untilMs: null };
const NOWHERE: AvailabilityRules = { countries: [], fromMs: null, untilMs: null };
const SOON: AvailabilityRules = { countries: null, fromMs: 0, untilMs: 253_402_300_799_999 };
const DONE = { ok: true, value: undefined };

export function describeAvailabilityRules(name: string, create: () => Promise<RulesPlace>): void {
  describe(`availability rules: ${name}`, () => {
    let place: RulesPlace;
    beforeEach(async () => {
      place = await create();
    });
    afterEach(() => place.stop());

    it('restrict nothing until they are laid down', async () => {
      const rules = await place.open();
      const [track] = place.tracks;
      expect(await rules.rulesFor(track)).toEqual([]);
      expect(await rules.trackRules(track)).toEqual({ ok: true, value: AVAILABLE_EVERYWHERE });
      expect(await rules.albumRules(place.album)).toEqual({ ok: true, value: AVAILABLE_EVERYWHERE });
    });

    it('of a track are its own and those of its album, to the next process too', async () => {
      const rules = await place.open();
      const [track, other] = place.tracks;
      expect(await rules.setTrackRules(track, AUSTRIA)).toEqual(DONE);
      expect(await rules.setAlbumRules(place.album, SOON)).toEqual(DONE);
      const next = await place.open();
      expect(await next.rulesFor(track)).toEqual([AUSTRIA, SOON]);
      expect(await next.rulesFor(other)).toEqual([SOON]);
      expect(await next.trackRules(track)).toEqual({ ok: true, value: AUSTRIA });
      expect(await next.trackRules(other)).toEqual({ ok: true, value: AVAILABLE_EVERYWHERE });
      expect(await next.albumRules(place.album)).toEqual({ ok: true, value: SOON });
    });

    it('are replaced, and gone when nothing is restricted any more', async () => {
      const rules = await place.open();
      const [track] = place.tracks;
      await rules.setTrackRules(track, AUSTRIA);
      await rules.setTrackRules(track, NOWHERE);
      expect(await rules.rulesFor(track)).toEqual([NOWHERE]);
      await rules.setTrackRules(track, AVAILABLE_EVERYWHERE);
      expect(await rules.rulesFor(track)).toEqual([]);
    });

    it('are not laid down for what is not there', async () => {
      const rules = await place.open();
      const refusal = { ok: false, error: { code: 'catalogue.not-found' } };
      const [noTrack, noAlbum] = [trackId('0'.repeat(22)), albumId('0'.repeat(22))];
      expect(await rules.setTrackRules(noTrack, AUSTRIA)).toMatchObject(refusal);
      expect(await rules.setAlbumRules(noAlbum, AUSTRIA)).toMatchObject(refusal);
      expect(await rules.trackRules(noTrack)).toMatchObject(refusal);
      expect(await rules.albumRules(noAlbum)).toMatchObject(refusal);
    });
  });
}
