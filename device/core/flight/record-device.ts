/**
 * A speaker's control core with a flight recorder on every port by which something comes in. What it decides is noted too,
 * so that a replay can say where today's code decides otherwise.
 */
import type { Device, DevicePorts } from '#device/core/device';
import type { AudioEngine, EngineEvent, EngineIntent } from '#device/core/ports/audio-engine';
import type { NetworkWatch } from '#device/core/ports/network-watch';
import type { Ownership, OwnershipStore } from '#device/core/ports/ownership-store';
import type { PlaybackMemory, RecalledPlayback, RememberedPlayback } from '#device/core/ports/playback-memory';
import type { SettingsStore, SpeakerSettings } from '#device/core/ports/settings-store';
import { recordClock, recordDialer, recordDiscovery, recordRandom } from '#protocol/kit/flight-ports';
import type { FlightRecorder } from '#protocol/kit/flight-recorder';
import { toTonearmError } from '#protocol/vocabulary/errors';
import { type Frames, ms } from '#protocol/vocabulary/units';
import { bridgeMessageSchema } from '#protocol/wire/bridge-message';
import { encodeMessage, parseMessage } from '#protocol/wire/envelope';
import type { Welcome } from '#protocol/wire/hello';

/** Told when something was heard that should not have been. */
export interface FlightGlitches {
  glitch(reason: string): void;
}

/** The same ports, recorded. Ports are added to the record in the order in which a speaker asks them at its start. */
export function recordDevicePorts(ports: DevicePorts, recorder: FlightRecorder, glitches: FlightGlitches): DevicePorts {
  const settings = recordSettings(ports.settings, recorder);
  const memory = recordMemory(ports.memory, recorder);
  return {
    ...ports,
    clock: recordClock(ports.clock, recorder),
    random: recordRandom(ports.random, recorder),
    settings,
    memory: memory.port,
    ...(ports.ownership === undefined ? {} : { ownership: recordOwnership(ports.ownership, recorder) }),
    discovery: ports.discovery === null ? null : recordDiscovery(ports.discovery, recorder),
    network: recordNetwork(ports.network, recorder),
    engine: recordEngine(ports.engine, { recorder, glitches, isLoaded: () => isLoaded(memory.current()) }),
    dialer: recordDialer(ports.dialer, recorder, (text) => welcomeNow(text, memory.current())),
  };
}

/** The same speaker: that its owner changed comes in by itself. */
export function recordDevice(device: Device, recorder: FlightRecorder): Device {
  return {
    start: () => device.start(),
    stop: () => device.stop(),
    view: () => device.view(),
    ownershipChanged: () => {
      recorder.note('ownership', { kind: 'changed' });
      return device.ownershipChanged();
    },
    perform: (body) => {
      recorder.note('button', { kind: 'pressed', body });
      device.perform(body);
    },
  };
}

function recordSettings(store: SettingsStore, recorder: FlightRecorder): SettingsStore {
  let current: SpeakerSettings | null = null;
  recorder.add(() => [{ port: 'settings', event: { kind: 'loaded', settings: current } }]);
  return {
    load: async () => {
      current = await store.load();
      recorder.note('settings', { kind: 'loaded', settings: current });
      return current;
    },
    save: (settings) => {
      current = settings;
      return store.save(settings);
    },
  };
}

/** A welcome says who is the writer, and that may have changed since it was said; any other text is as it was. */
function welcomeNow(text: string, playback: RememberedPlayback | null): string {
  const message = parseMessage(bridgeMessageSchema, text, 'what a bridge said');
  if (!message.ok || message.value.kind !== 'welcome' || playback === null) return text;
  const role = playback.session === null ? 'standby' : 'active';
  const welcome: Welcome = { ...message.value, role, epoch: playback.epoch };
  return encodeMessage(welcome);
}

interface RecordedMemory {
  readonly port: PlaybackMemory;
  /** What was remembered last. */
  readonly current: () => RememberedPlayback | null;
}

function recordMemory(memory: PlaybackMemory, recorder: FlightRecorder): RecordedMemory {
  let current: RememberedPlayback | null = null;
  let placeFrames: Frames | null = null;
  recorder.add(() => {
    const playback = current === null ? null : { ...placedAt(current, placeFrames), ageMs: ms(0), resumes: 0 };
    return [{ port: 'memory', event: { kind: 'recalled', playback } }];
  });
  const port: PlaybackMemory = {
    recall: async (): Promise<RecalledPlayback | null> => {
      const recalled = await memory.recall();
      current = recalled;
      recorder.note('memory', { kind: 'recalled', playback: recalled });
      return recalled;
    },
    remember: (playback) => {
      current = playback;
      placeFrames = null;
      memory.remember(playback);
    },
    place: (positionFrames) => {
      placeFrames = positionFrames;
      memory.place(positionFrames);
    },
    flush: () => memory.flush(),
  };
  return { port, current: () => current };
}

function placedAt(playback: RememberedPlayback, placeFrames: Frames | null): RememberedPlayback {
  const { session } = playback;
  if (session === null || session.playback.kind === 'stopped' || placeFrames === null) return playback;
  return { ...playback, session: { ...session, playback: { ...session.playback, positionFrames: placeFrames } } };
}

function recordOwnership(store: OwnershipStore, recorder: FlightRecorder): OwnershipStore {
  let current: Ownership | null = null;
  recorder.add(() => [{ port: 'ownership', event: { kind: 'loaded', ownership: current } }]);
  return {
    load: async () => {
      try {
        current = await store.load();
      } catch (thrown) {
        recorder.note('ownership', { kind: 'failed', code: toTonearmError(thrown, 'storage.failed').code });
        throw thrown;
      }
      recorder.note('ownership', { kind: 'loaded', ownership: current });
      return current;
    },
    save: (ownership) => store.save(ownership),
    clear: () => store.clear(),
  };
}

function recordNetwork(network: NetworkWatch, recorder: FlightRecorder): NetworkWatch {
  return {
    watch: (changed) =>
      network.watch(() => {
        recorder.note('network', { kind: 'changed' });
        changed();
      }),
  };
}

interface EngineWatch {
  readonly recorder: FlightRecorder;
  readonly glitches: FlightGlitches;
  /** Whether a speaker that begins now would load what is remembered. */
  readonly isLoaded: () => boolean;
}

function isLoaded(playback: RememberedPlayback | null): boolean {
  return playback !== null && playback.session !== null && playback.session.playback.kind !== 'stopped';
}

function recordEngine(engine: AudioEngine, { recorder, glitches, isLoaded }: EngineWatch): AudioEngine {
  let loaded: EngineIntent | null = null;
  const said = new Map<EngineEvent['kind'], EngineEvent>();
  let underruns = 0;
  recorder.add(() => {
    if (loaded === null || !isLoaded()) return [];
    const told = { port: 'engine', event: { kind: 'told', intent: loaded } } as const;
    return [told, ...[...said.values()].map((event) => ({ port: 'engine', event: { kind: 'said', event } }) as const)];
  });

  /** What tells how the current track stands is kept, until another is loaded. */
  function keep(event: EngineEvent): void {
    if (event.kind === 'ready' || event.kind === 'position' || event.kind === 'health') said.set(event.kind, event);
    if (event.kind === 'advanced') said.set('ready', { ...event, kind: 'ready' });
    if (event.kind !== 'health') return;
    if (event.underruns > underruns) glitches.glitch('the loudspeaker ran dry');
    underruns = event.underruns;
  }

  return {
    send: (intent) => {
      recorder.note('engine', { kind: 'told', intent });
      if (intent.kind === 'load' || intent.kind === 'seek') {
        loaded = intent;
        said.delete('ready');
        said.delete('position');
      }
      engine.send(intent);
    },
    listen: (listener) =>
      engine.listen((event) => {
        recorder.note('engine', { kind: 'said', event });
        listener(event);
        keep(event);
      }),
    close: () => engine.close(),
  };
}
