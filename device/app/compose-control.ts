/** The control side of a speaker, put together from real adapters: connection, memory, door, discovery. */
import { promiseReset } from '#device/adapters/factory-reset/factory-reset';
import { createFileOwnershipStore } from '#device/adapters/file-ownership-store/file-ownership-store';
import { createFilePlaybackMemory } from '#device/adapters/file-playback-memory/file-playback-memory';
import { createFileSettingsStore } from '#device/adapters/file-settings-store/file-settings-store';
import { createInterfaceWatch } from '#device/adapters/interface-watch/interface-watch';
import { createNetlinkEar } from '#device/adapters/interface-watch/netlink-ear';
import { type LanInfo, openLanDoor } from '#device/adapters/lan-door/lan-door';
import { createDevice, type Device } from '#device/core/device';
import type { AudioEngine } from '#device/core/ports/audio-engine';
import type { DeviceWatcher } from '#device/core/ports/device-watcher';
import type { OwnershipStore } from '#device/core/ports/ownership-store';
import type { UpdateWindow } from '#device/core/update/update-window';
import { createBonjourDiscovery } from '#protocol/adapters/bonjour-discovery';
import { ed25519Check } from '#protocol/adapters/ed25519';
import { createFileIdentityStore } from '#protocol/adapters/file-identity-store';
import { createWsDialer } from '#protocol/adapters/ws-dialer';
import type { Clock } from '#protocol/ports/clock';
import type { Identity } from '#protocol/ports/identity';
import type { Logger } from '#protocol/ports/logger';
import type { Random } from '#protocol/ports/random';
import { TonearmError } from '#protocol/vocabulary/errors';
import { speakerId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { ms } from '#protocol/vocabulary/units';
import type { ComposedBoard } from './compose-board.ts';
import type { ComposedFlight } from './compose-flight.ts';
import { type ComposedPairing, composePairing } from './compose-pairing.ts';
import type { ComposedUpdates, UpdateEnvironment } from './compose-updates.ts';
import type { SpeakerConfig } from './config.ts';
import { RESET_PATH, UPDATE_PATH } from './own-door.ts';
import { describeSink } from './sink-choice.ts';
import { openUpdateEar, type UpdateEar } from './update-ear.ts';
import { SPEAKER_VERSION } from './version.ts';

/** For an answer to leave. */
const END_AFTER = ms(200);
/** What people see in a list of speakers; a board's image may one day say what it runs on. */
const MODEL = 'Tonearm speaker';

export interface ControlPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly engine: AudioEngine & { isAlive(): Promise<boolean> };
  /** Where the audio thread leaves the trace of what is heard. */
  readonly trace: { readonly path: string; readonly bootId: string | null };
  /** Ends this process as it is ended from outside. */
  readonly end: () => void;
  /** Kills a group of processes, by its leader's id. */
  readonly endGroup: (pid: number) => void;
  /** Null: nothing is recorded. */
  readonly flight: ComposedFlight | null;
  readonly env: UpdateEnvironment;
  /** Folder that holds `.build/addons`. */
  readonly root: string;
}

/** A speaker that runs. */
export interface Control {
  readonly id: string;
  /** Of its own page on the network. */
  readonly lanPort: number;
}

/**
 * Starts it: it goes on with what it played, and looks for its bridge.
 * @param ending gets what ends each part, to be called in the reverse order
 * @throws TonearmError `config.*` for what the person who started it can mend
 */
export async function startControl(
  config: SpeakerConfig,
  ports: ControlPorts,
  ending: (() => Promise<void>)[],
): Promise<Control> {
  let device: Device | null = null;
  const trust = await loadTrust(config);
  let board: ComposedBoard | null = null;
  const pairing = pairingFor(config, ports, trust, { device: () => device, board: () => board });
  board = await boardFor(config, ports, pairing, () => device);
  if (board !== null) ending.push(stopping(board));
  const info = () => ({ ...lanInfo(device, config), pairing: pairing.desk.status() });
  const ear = openUpdateEar(ports.env);
  let updates: ComposedUpdates | null = null;
  const bring = ear === null ? {} : { [UPDATE_PATH]: (body: unknown) => bringTo(updates, body) };
  const own = { ...pairing.posts.own, ...bring, [RESET_PATH]: () => resetLater(config, ports) };
  const posts = { ...pairing.posts, own };
  const { flight } = ports;
  const door = await openLanDoor(info, { port: config.lanPort, posts: flight?.record(posts) ?? posts });
  ending.push(() => door.close(), pairing.leaveKey(door.port));
  const forgotten = () => void pairing.desk.start(isToBePaired(config)).then(() => board?.changed());
  const watcher = board === null ? {} : { watcher: board };
  device = composeDevice(
    config,
    { ...ports, ...trust, ...watcher, forgotten },
    { lanPort: door.port, flight, ending, ear },
  );
  await device.start();
  ending.push(() => pairing.desk.stop());
  await pairing.desk.start(isToBePaired(config));
  board?.ready();
  const stateChanged = (state: string) => board?.updateIs(state);
  const { updateWindow: window } = config;
  if (ear !== null) updates = await updatesFor({ ...ports, ear, ending, stateChanged, window }, trust, () => device);
  // Before the device says goodbye: what follows from its end is no news to anybody.
  if (board !== null) ending.push(stopping(board));
  return { id: device.view().id ?? '', lanPort: door.port };
}

/** Loaded where something is asked of the board. Read before anything is begun, since it may be wrong. */
async function boardFor(
  config: SpeakerConfig,
  ports: ControlPorts,
  { desk }: ComposedPairing,
  device: () => Device | null,
): Promise<ComposedBoard | null> {
  if (config.hook === null && config.buttonsFile === null) return null;
  const { composeBoard } = await import('./compose-board.ts');
  return composeBoard(config, ports, {
    device,
    isOwned: () => !isToBePaired(config) || desk.status() === 'owned',
    openPairing: () => void desk.open(true),
    reset: () => void resetLater(config, ports),
  });
}

function stopping(part: { stop(): Promise<void> }): () => Promise<void> {
  return () => part.stop();
}

/** The answer is on its way before the speaker ends. */
async function resetLater({ dataFolder }: SpeakerConfig, { end, clock, logger }: ControlPorts) {
  logger.warn('speaker.reset-promised');
  promiseReset(dataFolder);
  clock.setTimer('reset-end', END_AFTER, end);
  return ok({});
}

/** Loaded where there are versions to look after, and after everything that is heard or seen. */
async function updatesFor(
  {
    ear,
    ending,
    ...ports
  }: ControlPorts & {
    readonly ear: UpdateEar;
    readonly ending: (() => Promise<void>)[];
    readonly stateChanged: (state: string) => void;
    readonly window: UpdateWindow | null;
  },
  { self }: Trust,
  device: () => Device | null,
): Promise<ComposedUpdates | null> {
  const { composeUpdates } = await import('./compose-updates.ts');
  const updates = await composeUpdates({ ...ports, speakerId: ed25519Check.idOfPublicKey(self.publicKey), device });
  if (updates === null) return null;
  ending.push(() => updates.stop());
  await updates.start();
  ear.attach(updates);
  return updates;
}

async function bringTo(updates: ComposedUpdates | null, body: unknown): Promise<Result<object, TonearmError>> {
  if (updates === null) return refused(new TonearmError('session.busy', 'this speaker takes no updates, or not yet'));
  const told = typeof body === 'object' && body !== null ? body : {};
  return updates.bring('file' in told ? String(told.file) : '', 'mayBeOlder' in told && told.mayBeOlder === true);
}

/** Who this speaker is, and whose. */
interface Trust {
  readonly self: Identity;
  readonly ownership: OwnershipStore;
}

/** What the device tells besides what it is asked. */
interface Telling {
  readonly forgotten: () => void;
  readonly watcher?: DeviceWatcher;
}

async function loadTrust(config: SpeakerConfig): Promise<Trust> {
  const identity = await createFileIdentityStore(config.dataFolder).loadOrCreate();
  if (!identity.ok) throw identity.error;
  return { self: identity.value, ownership: createFileOwnershipStore(config.dataFolder) };
}

/** A bridge that was given by a plain address asks nobody who they are. */
function isToBePaired({ bridgeAddress }: SpeakerConfig): boolean {
  return bridgeAddress?.startsWith('ws:') !== true;
}

function pairingFor(
  config: SpeakerConfig,
  { clock, random, logger, engine }: ControlPorts,
  { self, ownership }: Trust,
  { device, board }: { readonly device: () => Device | null; readonly board: () => ComposedBoard | null },
): ComposedPairing {
  const id = speakerId(ed25519Check.idOfPublicKey(self.publicKey));
  const who = { ...self, id, name: () => device()?.view().name ?? config.name };
  const listener = {
    speak: (code: string) => {
      engine.send({ kind: 'say', code });
      board()?.codeShown(code);
    },
    paired: () => {
      void device()?.ownershipChanged();
      board()?.changed();
    },
  };
  return composePairing({ clock, random, logger, ownership }, who, listener, config.dataFolder);
}

function composeDevice(
  config: SpeakerConfig,
  { clock, random, logger, engine, trace, root, self, ownership, forgotten, watcher }: ControlPorts & Trust & Telling,
  how: Pick<Control, 'lanPort'> &
    Pick<ControlPorts, 'flight'> & {
      readonly ear: UpdateEar | null;
      readonly ending: (() => Promise<void>)[];
    },
): Device {
  const discovery = config.hasMdns ? createBonjourDiscovery(clock, logger) : null;
  if (discovery !== null) how.ending.push(() => discovery.close());
  const settings = createFileSettingsStore(config.dataFolder, logger);
  const place = { folder: config.dataFolder, tracePath: trace.path, bootId: trace.bootId };
  const memory = createFilePlaybackMemory({ clock, logger }, place);
  const network = createInterfaceWatch(clock, createNetlinkEar(logger, root));
  const identity = { self, check: ed25519Check };
  const kept = { settings, memory, identity, ownership, forgotten };
  const ports = {
    clock,
    random,
    logger,
    dialer: createWsDialer(),
    discovery,
    network,
    engine,
    ...kept,
    ...(how.ear && { updates: how.ear.listener }),
    ...(watcher && { watcher }),
  };
  const device = (how.flight?.createDevice ?? createDevice)(ports, {
    name: config.name,
    model: MODEL,
    version: how.ear?.version ?? SPEAKER_VERSION,
    bridgeAddress: config.bridgeAddress,
    lanPort: how.lanPort,
    output: describeSink(config.sink),
  });
  how.ending.push(() => device.stop());
  return device;
}

function lanInfo(device: Device | null, config: SpeakerConfig): LanInfo {
  const view = device?.view();
  const connection = view?.connection;
  return {
    id: view?.id ?? null,
    name: view?.announcedName ?? view?.name ?? config.name,
    model: MODEL,
    version: SPEAKER_VERSION,
    bridge: connection?.kind === 'connected' ? connection.address : null,
    output: view?.speaker.output ?? describeSink(config.sink),
  };
}
