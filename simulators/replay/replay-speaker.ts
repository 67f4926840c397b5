/**
 * A recorded speaker again: today's control core in virtual time, fed with what came in then, at the instants at which it
 * came. Bridge, sound, stores and chance are the recording's; what decides is the code of today.
 */
import { createDevice } from '#device/core/device';
import { type FlightGlitches, recordDevice, recordDevicePorts } from '#device/core/flight/record-device';
import type { NetworkWatch } from '#device/core/ports/network-watch';
import type { Ownership, OwnershipStore } from '#device/core/ports/ownership-store';
import type { PlaybackMemory, RecalledPlayback } from '#device/core/ports/playback-memory';
import type { SettingsStore, SpeakerSettings } from '#device/core/ports/settings-store';
import { parseBase64url } from '#protocol/kit/base64url';
import { FlightRecorder } from '#protocol/kit/flight-recorder';
import { flightEntries } from '#protocol/kit/flight-text';
import type { BrowseListener, Discovery, FoundService } from '#protocol/ports/discovery';
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from '#protocol/ports/identity';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ms, us } from '#protocol/vocabulary/units';
import type { CommandBody } from '#protocol/wire/command';
import type { FlightEntry, FlightRecord } from '#protocol/wire/flight-record';
import { observeEngine } from '#sim/speakers/observed-engine';
import { PositionWatch } from '#sim/speakers/position-watch';
import { VirtualClock } from '#sim/world/virtual-clock';
import { createVirtualProcess } from '#sim/world/virtual-process';
import { FINDS_ITS_WAY_US } from './compare-decisions.ts';
import { RecordedAnswers } from './recorded-answers.ts';
import { createRecordedRandom } from './recorded-random.ts';
import type { Replayed, ReplayHow } from './replayed.ts';
import { AFTER_END_US, REPLAY_LIMITS, TIMERS_MAX } from './replayed.ts';
import { ScriptedBridge } from './scripted-bridge.ts';
import { ScriptedEngine } from './scripted-engine.ts';
import { tellInTime, timedEntries } from './timed-entries.ts';

const NO_GLITCHES: FlightGlitches = { glitch: () => undefined };
/** Where a speaker's own page is; nothing is decided by it. */
const LAN_PORT = 4748;

export async function replaySpeaker(
  record: FlightRecord,
  { untilUs, createLogger, limits = REPLAY_LIMITS }: ReplayHow,
): Promise<Replayed> {
  const clock = new VirtualClock(us(record.header.start.monotonicUs));
  clock.setWallMs(record.header.start.wallMs);
  const beganUs = clock.nowUs();
  const process = createVirtualProcess(clock);
  const timed = timedEntries(record, untilUs);
  const inputs = new SpeakerInputs(record.entries);
  const watch = new PositionWatch();
  const recorder = new FlightRecorder(clock, limits);
  const engine = observeEngine(inputs.engine, {
    told: (intent) => watch.told(intent),
    said: (event) => {
      // In the middle of a recording it has to find its place first.
      if (record.header.isWhole || clock.nowUs() - beganUs > FINDS_ITS_WAY_US) watch.took(event, device.view().session);
    },
  });
  const identity = identityOf(record);
  const ports = recordDevicePorts(
    {
      clock: process.clock,
      random: createRecordedRandom(clock, timed),
      logger: createLogger(clock),
      dialer: inputs.bridge.dialer,
      discovery: record.header.configuration['hasMdns'] === true ? inputs.discovery() : null,
      network: inputs.network(),
      engine,
      settings: inputs.settings(),
      memory: inputs.memory(),
      ...(identity === null ? {} : { identity, ownership: inputs.ownership() }),
    },
    recorder,
    NO_GLITCHES,
  );
  const inner = createDevice(ports, { ...optionsOf(record), lanPort: LAN_PORT, output: '' });
  const device = recordDevice(inner, recorder);
  inputs.ownershipChanged = () => void device.ownershipChanged();
  inputs.pressed = (body) => device.perform(body);
  tellInTime(clock, process, timed, (entry) => inputs.tell(entry));
  const timersMost = { count: 0 };
  void device.start();
  const lastUs = timed.at(-1)?.atUs ?? clock.nowUs();
  await clock.runUntil(
    () => {
      timersMost.count = Math.max(timersMost.count, process.timers().length);
      return false;
    },
    ms((lastUs - clock.nowUs() + AFTER_END_US) / 1_000),
  );
  const held = recorder.held();
  const said = flightEntries(held, 'speaker');
  inputs.bridge.end();
  const stopping = device.stop();
  await clock.advance(ms(AFTER_END_US / 1_000));
  await stopping;
  const left = process.timers();
  return {
    said,
    held,
    problems: [
      ...engine.problems(),
      ...watch.problems(),
      ...(timersMost.count > TIMERS_MAX ? [`it had ${timersMost.count} timers at once`] : []),
      ...(left.length > 0 ? [`timers are left after its end: ${left.join(', ')}`] : []),
    ],
  };
}

/** Everything that comes in, by port. */
class SpeakerInputs {
  readonly bridge: ScriptedBridge;
  readonly engine = new ScriptedEngine();
  ownershipChanged: () => void = () => undefined;
  pressed: (body: CommandBody) => void = () => undefined;
  readonly #settings = new RecordedAnswers<SpeakerSettings | null>();
  readonly #memory = new RecordedAnswers<RecalledPlayback | null>();
  readonly #ownership = new RecordedAnswers<Ownership | null | TonearmError>();
  #networkChanged: () => void = () => undefined;
  #browsing: BrowseListener | null = null;
  #announced: (name: string) => void = () => undefined;

  constructor(entries: readonly FlightEntry[]) {
    this.bridge = new ScriptedBridge(entries);
  }

  /** What a core says itself has no effect here, but that the bridge and the sound remember it. */
  tell(entry: FlightEntry): void {
    if (entry.port === 'settings') this.#settings.give(entry.event.settings as SpeakerSettings | null);
    else if (entry.port === 'memory') this.#memory.give(entry.event.playback as RecalledPlayback | null);
    else if (entry.port === 'ownership') this.#tellOwnership(entry.event);
    else if (entry.port === 'network') this.#networkChanged();
    else if (entry.port === 'button') this.pressed(entry.event.body as unknown as CommandBody);
    else if (entry.port === 'discovery') this.#tellDiscovery(entry.event);
    else if (entry.port === 'dialer') this.bridge.dialerSaid(entry.event);
    else if (entry.port === 'link') this.bridge.linkSaid(entry.event);
    else if (entry.port === 'engine') this.engine.recorded(entry.event);
  }

  settings(): SettingsStore {
    return { load: () => this.#settings.take(), save: async () => undefined };
  }

  memory(): PlaybackMemory {
    return {
      recall: () => this.#memory.take(),
      remember: () => undefined,
      place: () => undefined,
      flush: async () => undefined,
    };
  }

  ownership(): OwnershipStore {
    return {
      load: async () => {
        const answer = await this.#ownership.take();
        if (answer instanceof TonearmError) throw answer;
        return answer;
      },
      save: async () => undefined,
      clear: async () => undefined,
    };
  }

  network(): NetworkWatch {
    return {
      watch: (changed) => {
        this.#networkChanged = changed;
        return { stop: () => undefined };
      },
    };
  }

  discovery(): Discovery {
    return {
      advertise: (_service, listener) => {
        this.#announced = (name) => listener.announced(name);
        return { start: () => undefined, stop: async () => undefined };
      },
      browse: (_type, listener) => {
        this.#browsing = listener;
        return { stop: () => undefined };
      },
    };
  }

  #tellOwnership(event: Extract<FlightEntry, { port: 'ownership' }>['event']): void {
    if (event.kind === 'changed') this.ownershipChanged();
    else if (event.kind === 'failed') this.#ownership.give(new TonearmError('storage.failed', 'as it was recorded'));
    else this.#ownership.give(ownershipOf(event.ownership));
  }

  #tellDiscovery(event: Extract<FlightEntry, { port: 'discovery' }>['event']): void {
    if (event.kind === 'announced') this.#announced(event.name);
    else if (event.kind === 'lost') this.#browsing?.lost(event.name);
    else this.#browsing?.found(event.service as unknown as FoundService);
  }
}

/** Keys stand as text in a record. */
function ownershipOf(recorded: Readonly<Record<string, unknown>> | null): Ownership | null {
  if (recorded === null) return null;
  const bytesOf = (field: string) => parseBase64url(String(recorded[field])) ?? new Uint8Array(PUBLIC_KEY_BYTES);
  const keys = { bridgePublicKey: bytesOf('bridgePublicKey'), tlsPin: bytesOf('tlsPin') };
  return { ...(recorded as unknown as Ownership), ...keys };
}

/** The id is the recorded one, whatever the key; signatures are looked at by nobody. */
function identityOf({ header, entries }: FlightRecord) {
  if (header.configuration['hasIdentity'] !== true) return null;
  const id = idIn(entries);
  const self = { publicKey: new Uint8Array(PUBLIC_KEY_BYTES), sign: () => new Uint8Array(SIGNATURE_BYTES) };
  return { self, check: { idOfPublicKey: () => id } };
}

/** As it said it in a hello, or had it in its settings. */
function idIn(entries: readonly FlightEntry[]): string {
  for (const { port, event } of entries) {
    if (port === 'settings' && event.settings !== null) return String(event.settings['speakerId']);
    if (port !== 'link' || event.kind !== 'sent' || event.message.kind !== 'hello') continue;
    const { speaker } = event.message;
    if (typeof speaker === 'object' && speaker !== null && 'id' in speaker) return String(speaker.id);
  }
  return 'replayed-speaker';
}

/** What it was called is not recorded as it was, and decides nothing. */
function optionsOf({ header, entries }: FlightRecord) {
  const dialled = entries.find(({ port, event }) => port === 'dialer' && event.kind === 'dialled');
  const address = dialled?.port === 'dialer' && dialled.event.kind === 'dialled' ? dialled.event.address : null;
  const bridgeAddress = header.configuration['hasBridgeAddress'] === true ? address : null;
  return { name: 'speaker', model: 'replayed', version: header.version, bridgeAddress };
}
