/** A small household for tests: values as a bridge would send them. */
import { speakerId, trackId } from '#protocol/vocabulary/ids';
import { ms, percent } from '#protocol/vocabulary/units';
import type { HouseholdSnapshot, SessionView, SpeakerView, TrackSummary } from '#protocol/wire/household';

export function speaker(name: string, changes: Partial<SpeakerView> = {}): SpeakerView {
  return {
    id: speakerId(`${name.replaceAll(' ', '-')}-00000000`),
    name,
    model: 'Test',
    version: '1.0.0',
    isOnline: true,
    isActive: false,
    status: { volume: percent(40), output: 'virtual', outputProblem: null, bufferedMs: ms(0), underruns: 0 },
    ...changes,
  };
}

export function track(title: string, changes: Partial<TrackSummary> = {}): TrackSummary {
  const id = trackId(
    title
      .replace(/[^0-9A-Za-z]/g, '')
      .padEnd(22, '0')
      .slice(0, 22),
  );
  return {
    id,
    uri: `tonearm:track:${id}`,
    title,
    artists: ['Miles Davis'],
    album: 'Kind of Blue',
    albumUri: 'tonearm:album:0000000000000000000000',
    durationMs: ms(300_000),
    artPath: null,
    ...changes,
  };
}

export function session(changes: Partial<SessionView> = {}): SessionView {
  return {
    activeSpeakerId: null,
    epoch: 0,
    playback: 'stopped',
    track: null,
    positionMs: ms(0),
    contextUri: null,
    next: [],
    isShuffled: false,
    repeat: 'off',
    problem: null,
    ...changes,
  };
}

export function household(changes: Partial<HouseholdSnapshot> = {}): HouseholdSnapshot {
  return {
    kind: 'householdSnapshot',
    revision: 1,
    bridge: { name: 'Test bridge', version: '1.0.0' },
    speakers: [],
    session: session(),
    ingest: { isRunning: false, folder: null, found: 0, done: 0, failed: 0, failures: [] },
    ...changes,
  };
}
