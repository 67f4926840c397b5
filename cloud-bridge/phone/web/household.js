// @ts-check
/** The household as this page holds it: the last snapshot, and each difference that follows it. Pure. */

/** @typedef {import('../../../protocol/wire/household.ts').HouseholdSnapshot} HouseholdSnapshot */
/** @typedef {import('../../../protocol/wire/household.ts').HouseholdEvent} HouseholdEvent */
/** @typedef {import('../../../protocol/wire/household.ts').SessionView} SessionView */
/** @typedef {import('../../../protocol/wire/household.ts').SpeakerView} SpeakerView */
/** @typedef {import('../../../protocol/wire/household.ts').TrackSummary} TrackSummary */
/** @typedef {import('../../../protocol/wire/household.ts').IngestView} IngestView */

/**
 * @param {HouseholdSnapshot | null} current
 * @param {HouseholdEvent} event
 * @returns {HouseholdSnapshot | null} null when it does not follow: connect anew for a snapshot
 */
export function applyEvent(current, event) {
  if (event.kind === 'householdSnapshot') return event;
  if (event.kind !== 'householdDifference' || current === null || event.baseRevision !== current.revision) return null;
  return {
    ...current,
    revision: event.revision,
    speakers: event.speakers ?? current.speakers,
    session: event.session ?? current.session,
    ingest: event.ingest ?? current.ingest,
  };
}

/**
 * When the position that is shown was true, on this page's own clock. An event says when it was made on the bridge's clock,
 * of which only differences mean anything; the event with the shortest way tells how the two clocks lie, so one that was
 * long on its way is known to be old. Section 10.3 of the specification.
 */
export function createSessionTime() {
  let leastMs = Number.POSITIVE_INFINITY;
  /** @type {{ kind: 'bridge' | 'own', atMs: number }} */
  let made = { kind: 'own', atMs: 0 };
  return {
    /**
     * @param {HouseholdEvent} event
     * @param {number} arrivedMs on this page's clock
     * @returns {number} on this page's clock
     */
    heard(event, arrivedMs) {
      if (event.kind === 'householdSnapshot') leastMs = Number.POSITIVE_INFINITY;
      if (event.atMs !== undefined) leastMs = Math.min(leastMs, arrivedMs - event.atMs);
      if (event.session !== undefined) {
        made = event.atMs === undefined ? { kind: 'own', atMs: arrivedMs } : { kind: 'bridge', atMs: event.atMs };
      }
      return made.kind === 'own' ? made.atMs : made.atMs + leastMs;
    },
  };
}

/**
 * Where the music is, some time after the view of it was made.
 * @param {SessionView} session
 * @param {number} ageMs
 * @returns {number} milliseconds
 */
export function positionNow(session, ageMs) {
  const position = session.positionMs + (session.playback === 'playing' ? Math.max(0, ageMs) : 0);
  return Math.min(position, session.track?.durationMs ?? position);
}

/**
 * Active first, then those online, by name; so the ones that can be used are in reach of a thumb.
 * @param {readonly SpeakerView[]} speakers
 */
export function speakersInOrder(speakers) {
  const rank = (/** @type {SpeakerView} */ it) => (it.isActive ? 0 : it.isOnline ? 1 : 2);
  return [...speakers].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name) || a.id.localeCompare(b.id));
}

/**
 * Where to play when somebody presses play.
 * @param {readonly SpeakerView[]} speakers
 * @param {string | null} preferredId chosen on this page before anything played
 * @returns {{ kind: 'active' } | { kind: 'on', id: string } | { kind: 'ask' } | { kind: 'none' }}
 */
export function whereToPlay(speakers, preferredId) {
  const online = speakers.filter((it) => it.isOnline);
  if (online.some((it) => it.isActive)) return { kind: 'active' };
  const chosen = online.find((it) => it.id === preferredId) ?? (online.length === 1 ? online[0] : undefined);
  if (chosen !== undefined) return { kind: 'on', id: chosen.id };
  return online.length === 0 ? { kind: 'none' } : { kind: 'ask' };
}
