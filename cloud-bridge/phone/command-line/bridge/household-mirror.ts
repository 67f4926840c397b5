/** The household as a phone holds it: the last snapshot, and each difference that follows it. Spec section 10. */
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { type Ms, ms } from '#protocol/vocabulary/units';
import type { HouseholdEvent, HouseholdSnapshot, SessionView } from '#protocol/wire/household';

/** @returns `input.out-of-order` for a difference that does not follow `current`: connect anew for a snapshot then */
export function applyHouseholdEvent(
  current: HouseholdSnapshot | null,
  event: HouseholdEvent,
): Result<HouseholdSnapshot, TonearmError> {
  if (event.kind === 'householdSnapshot') return ok(event);
  if (current === null || event.baseRevision !== current.revision) {
    return refused(
      new TonearmError(
        'input.out-of-order',
        `difference from ${event.baseRevision} does not follow ${current === null ? 'nothing' : current.revision}`,
        { field: 'baseRevision' },
      ),
    );
  }
  return ok({
    ...current,
    revision: event.revision,
    speakers: event.speakers ?? current.speakers,
    session: event.session ?? current.session,
    ingest: event.ingest ?? current.ingest,
  });
}

/** Where the music is `ageMs` after the view was made. */
export function positionNow(session: SessionView, ageMs: Ms): Ms {
  const position = session.positionMs + (session.playback === 'playing' ? ageMs : 0);
  return ms(Math.min(position, session.track?.durationMs ?? position));
}
