/**
 * A recorded bridge again: today's relay in virtual time, with the speakers and phones that came then, who say what they said.
 */
import { createRecordedHousehold } from '#bridge/core/flight/record-household';
import type { Household, PhoneRequest } from '#bridge/core/ports/household';
import type { IngestControl } from '#bridge/core/ports/ingest-control';
import type { KnownSpeaker, PerformedCommand, SessionStore, StoredSession } from '#bridge/core/ports/session-store';
import { FlightRecorder } from '#protocol/kit/flight-recorder';
import { flightEntries } from '#protocol/kit/flight-text';
import { type AccountId, bridgeId, type CommandId, type SpeakerId, type TrackId } from '#protocol/vocabulary/ids';
import { ok } from '#protocol/vocabulary/result';
import { ms, us } from '#protocol/vocabulary/units';
import type { FlightEntry, FlightRecord } from '#protocol/wire/flight-record';
import { VirtualClock } from '#sim/world/virtual-clock';
import { createVirtualProcess } from '#sim/world/virtual-process';
import { CommandNames } from './command-names.ts';
import { RecordedAnswers } from './recorded-answers.ts';
import { createRecordedRandom } from './recorded-random.ts';
import { recordedDigest, recordedTrust } from './recorded-trust.ts';
import { AFTER_END_US, REPLAY_LIMITS, type Replayed, type ReplayHow, TIMERS_MAX } from './replayed.ts';
import { ScriptedLink } from './scripted-link.ts';
import { tellInTime, timedEntries } from './timed-entries.ts';
import { writersIn } from './writers-in.ts';

const US_PER_MS = 1_000;
const BRIDGE_ID = bridgeId('replayed-bridge');

export async function replayBridge(
  record: FlightRecord,
  { untilUs, createLogger, limits = REPLAY_LIMITS }: ReplayHow,
): Promise<Replayed> {
  const clock = new VirtualClock(us(record.header.start.monotonicUs));
  clock.setWallMs(record.header.start.wallMs);
  const process = createVirtualProcess(clock);
  const timed = timedEntries(record, untilUs);
  const recorder = new FlightRecorder(clock, limits);
  const random = createRecordedRandom(clock, timed);
  const inputs = new BridgeInputs(record);
  const opening = createRecordedHousehold(
    {
      clock: process.clock,
      random,
      logger: createLogger(clock),
      sessions: inputs.sessions(),
      // Only phones are shown what a track is called.
      catalogue: { tracks: async () => [] },
      ingest: NO_INGEST,
      digest: recordedDigest(record.entries),
    },
    {
      bridgeId: BRIDGE_ID,
      name: 'bridge',
      version: record.header.version,
      trust: recordedTrust(record, { clock: process.clock, random }),
    },
    recorder,
  );
  void opening.then((household) => inputs.open(household));
  tellInTime(clock, process, timed, (entry) => inputs.tell(entry));
  let timersMost = 0;
  const lastUs = timed.at(-1)?.atUs ?? clock.nowUs();
  await clock.runUntil(
    () => {
      timersMost = Math.max(timersMost, process.timers().length);
      return false;
    },
    ms((lastUs - clock.nowUs() + AFTER_END_US) / US_PER_MS),
  );
  const held = recorder.held();
  const said = flightEntries(held, 'bridge');
  const unanswered = inputs.unanswered();
  const stopping = inputs.stop();
  await clock.advance(ms(AFTER_END_US / US_PER_MS));
  await stopping;
  const left = process.timers();
  return {
    said,
    held,
    problems: [
      ...writersIn(said),
      ...(timersMost > TIMERS_MAX ? [`it had ${timersMost} timers at once`] : []),
      ...(left.length > 0 ? [`timers are left after its end: ${left.join(', ')}`] : []),
      ...(unanswered > 0 && inputs.unanswered() > 0 ? [`${inputs.unanswered()} requests are never answered`] : []),
    ],
  };
}

type LinkEvent = Extract<FlightEntry, { port: 'link' }>['event'];
type HouseEvent = Extract<FlightEntry, { port: 'household' }>['event'];
type Stored = Extract<FlightEntry, { port: 'store' }>['event'];

/** Everything that comes in, by port. */
class BridgeInputs {
  readonly #stored = new RecordedAnswers<Stored>();
  readonly #links = new Map<number, ScriptedLink>();
  readonly #names: CommandNames;
  #household: Household | null = null;
  #early: FlightEntry[] = [];
  #unanswered = 0;

  constructor(record: FlightRecord) {
    this.#names = new CommandNames(record);
  }

  open(household: Household): void {
    this.#household = household;
    const early = this.#early;
    this.#early = [];
    for (const entry of early) this.tell(entry);
  }

  tell(entry: FlightEntry): void {
    if (entry.port === 'store') this.#stored.give(entry.event);
    else if (this.#household === null) this.#early.push(entry);
    else if (entry.port === 'link') this.#linkSaid(this.#household, entry.event);
    else if (entry.port === 'household') this.#asked(this.#household, entry.event);
  }

  unanswered(): number {
    return this.#unanswered;
  }

  async stop(): Promise<void> {
    const stopping = this.#household?.stop();
    for (const link of this.#links.values()) link.end(1001);
    await stopping;
  }

  sessions(): SessionStore {
    let stored: Promise<Stored> | null = null;
    const all = () => {
      stored ??= this.#stored.take();
      return stored;
    };
    return {
      loadSessions: async () => (await all()).sessions as unknown as readonly StoredSession[],
      performedCommands: async () => (await all()).performed as unknown as readonly PerformedCommand[],
      knownSpeakers: async () => (await all()).speakers as unknown as readonly KnownSpeaker[],
      saveSession: async () => undefined,
      forgetSession: async () => undefined,
      savePerformed: async () => undefined,
      saveSpeaker: async () => undefined,
      forgetSpeaker: async () => undefined,
    };
  }

  #linkSaid(household: Household, event: LinkEvent): void {
    if (event.kind === 'accepted') {
      const link = new ScriptedLink();
      this.#links.set(event.link, link);
      if (event.door === 'phone') household.acceptPhone(link, event.accountId as AccountId);
      else {
        const how = { takesChallenge: event.takesChallenge === true };
        household.acceptSpeaker(this.#names.overhear(link, event.link), how);
      }
      return;
    }
    const link = this.#links.get(event.link);
    if (event.kind === 'received') link?.deliver(JSON.stringify(this.#names.asNow(event.message)));
    if (event.kind === 'garbled') link?.deliver('?'.repeat(event.length));
    if (event.kind === 'closed') link?.end(event.code);
  }

  #asked(household: Household, event: HouseEvent): void {
    if (event.kind === 'forgotten') household.forgetSpeaker(event.speakerId as SpeakerId);
    if (event.kind === 'renamed') household.renameSpeaker(event.speakerId as SpeakerId, event.name);
    if (event.kind === 'shown') household.showing(event.accountId as AccountId, event.trackIds as TrackId[]);
    if (event.kind !== 'asked') return;
    const { commandId, accountId, deadline } = event.how;
    const how = {
      commandId: commandId as CommandId,
      accountId: accountId as AccountId,
      deadline: ms(Number(deadline)),
    };
    this.#unanswered += 1;
    void household.request(event.what as PhoneRequest, how).then(() => {
      this.#unanswered -= 1;
    });
  }
}

const NO_INGEST: IngestControl = {
  begin: async () => ok(undefined),
  changes: () => ({ after: () => [], last: () => 0 }),
  view: () => ({ isRunning: false, folder: null, found: 0, done: 0, failed: 0, failures: [] }),
  listen: () => () => undefined,
};
