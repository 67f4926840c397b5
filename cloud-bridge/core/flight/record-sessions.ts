/** The relay's store, recorded: what it remembered at the start, and what it would remember now. */
import type { FlightRecorder } from '#protocol/kit/flight-recorder';
import type { AccountId, SpeakerId } from '#protocol/vocabulary/ids';
import {
  type KnownSpeaker,
  PERFORMED_KEPT_MAX,
  type PerformedCommand,
  type SessionStore,
  type StoredSession,
} from '../ports/session-store.ts';

export function recordSessions(store: SessionStore, recorder: FlightRecorder): SessionStore {
  const sessions = new Map<AccountId, StoredSession>();
  const speakers = new Map<SpeakerId, KnownSpeaker>();
  let performed: readonly PerformedCommand[] = [];
  const loaded = () => ({
    kind: 'loaded',
    sessions: [...sessions.values()],
    performed,
    speakers: [...speakers.values()],
  });
  recorder.add(() => [{ port: 'store', event: loaded() }]);
  return {
    loadSessions: async () => {
      const stored = await store.loadSessions();
      for (const session of stored) sessions.set(session.accountId, session);
      return stored;
    },
    performedCommands: async () => {
      performed = await store.performedCommands();
      return performed;
    },
    // The last that a relay asks for, so all is there.
    knownSpeakers: async () => {
      const known = await store.knownSpeakers();
      for (const speaker of known) speakers.set(speaker.id, speaker);
      recorder.note('store', loaded());
      return known;
    },
    saveSession: (session) => {
      sessions.set(session.accountId, session);
      return store.saveSession(session);
    },
    forgetSession: (accountId) => {
      sessions.delete(accountId);
      return store.forgetSession(accountId);
    },
    savePerformed: (command) => {
      performed = [...performed, command].slice(-PERFORMED_KEPT_MAX);
      return store.savePerformed(command);
    },
    saveSpeaker: (speaker) => {
      speakers.set(speaker.id, speaker);
      return store.saveSpeaker(speaker);
    },
    forgetSpeaker: (id) => {
      speakers.delete(id);
      return store.forgetSpeaker(id);
    },
  };
}
