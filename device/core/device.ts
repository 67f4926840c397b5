/**
 * A speaker, assembled: player, connection, report and settings, and the one driver that performs the player's effects.
 *
 * A real speaker and a simulated one are both this; they differ in the ports they are given.
 */
import type { AudioEngine, EngineEvent } from '#device/core/ports/audio-engine';
import type { DeviceWatcher } from '#device/core/ports/device-watcher';
import type { NetworkWatch, NetworkWatching } from '#device/core/ports/network-watch';
import type { PlaybackMemory, RecalledPlayback } from '#device/core/ports/playback-memory';
import type { SettingsStore } from '#device/core/ports/settings-store';
import type { UpdateListener } from '#device/core/ports/update-listener';
import { createSerialLock } from '#protocol/kit/serial-lock';
import type { Clock, Timer } from '#protocol/ports/clock';
import type { Discovery } from '#protocol/ports/discovery';
import type { Random } from '#protocol/ports/random';
import type { TransportDialer } from '#protocol/ports/transport';
import type { CommandId, SpeakerId } from '#protocol/vocabulary/ids';
import { ms } from '#protocol/vocabulary/units';
import type { Answer, Command, CommandBody, Outcome } from '#protocol/wire/command';
import type { Challenge, Hello, Welcome } from '#protocol/wire/hello';
import type { SessionState, SpeakerStatus } from '#protocol/wire/playback-state';
import { ASKED_HERE, askedHere, sayHere } from './control/asked-here.ts';
import { type CommandLedger, createCommandLedger } from './control/command-ledger.ts';
import { pinOf } from './control/dial-policy.ts';
import { openOwnSettings, VOLUME_ON_FIRST_START } from './control/first-settings.ts';
import { helloOf } from './control/hello-of.ts';
import type { ConnectionView } from './control/link-state.ts';
import { createListShelf, LIST_MISSING, type ListShelf } from './control/list-shelf.ts';
import { OwnName } from './control/own-name.ts';
import { createPlaybackKeeper, type PlaybackKeeper } from './control/playback-keeper.ts';
import { transition } from './control/player.ts';
import { outcomeOf } from './control/player-outcome.ts';
import { resumesByItself } from './control/player-restore.ts';
import {
  initialPlayerState,
  type PlayerEffect,
  type PlayerInput,
  type PlayerState,
  positionTrueAtUs,
  type Reply,
  reportedSessionOf,
  sessionOf,
} from './control/player-state.ts';
import { type Received, Session } from './control/session.ts';
import type { SettingsKeeper } from './control/settings-keeper.ts';
import { bridgeTimeAt, instantOf } from './control/shared-instant.ts';
import { SpeakerTrust, type SpeakerTrustPorts } from './control/speaker-trust.ts';
import { createStateReport, type StateReport } from './control/state-report.ts';
import type { ClockOffset } from './control/time-sync.ts';
import { planUpcomingChange } from './control/upcoming.ts';

export interface DevicePorts extends SpeakerTrustPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly dialer: TransportDialer;
  /** Null on a network without mDNS: the bridge is then had by address alone. */
  readonly discovery: Discovery | null;
  readonly network: NetworkWatch;
  readonly engine: AudioEngine;
  readonly settings: SettingsStore;
  readonly memory: PlaybackMemory;
  readonly updates?: UpdateListener;
  readonly watcher?: DeviceWatcher;
}

export interface DeviceOptions {
  readonly name: string;
  readonly model: string;
  readonly version: string;
  readonly bridgeAddress: string | null;
  /** Where the speaker's own page is, announced on the network. */
  readonly lanPort: number;
  /** Where sound will go, until the engine says where it does. */
  readonly output: string;
}

export interface DeviceView {
  /** Null before the first start. */
  readonly id: SpeakerId | null;
  readonly name: string;
  readonly model: string;
  readonly version: string;
  /** The name under which it is found on the network; null while it is not announced. */
  readonly announcedName: string | null;
  readonly connection: ConnectionView;
  readonly clockOffset: ClockOffset | null;
  readonly session: SessionState | null;
  readonly speaker: SpeakerStatus;
  readonly epoch: number;
  readonly revision: number;
}

export interface Device {
  /** Resolves when it plays what it is told and looks for its bridge; not when it has found one. Twice is harmless. */
  start(): Promise<void>;
  /** Falls silent, says goodbye, saves, closes the engine. No timer is left. Unstarted is harmless; final. */
  stop(): Promise<void>;
  view(): DeviceView;
  /** Reads anew whose it is, and goes there: after pairing, or after an owner was forgotten. */
  ownershipChanged(): Promise<void>;
  /** What somebody asks at the speaker itself, by a button. What cannot be done is said in the log alone. */
  perform(body: CommandBody): void;
}

export function createDevice(ports: DevicePorts, options: DeviceOptions): Device {
  return new SpeakerDevice(ports, options);
}

class SpeakerDevice implements Device {
  readonly #ports: DevicePorts;
  readonly #options: DeviceOptions;
  readonly #lifecycle = createSerialLock();
  readonly #ledger: CommandLedger = createCommandLedger();
  readonly #lists: ListShelf = createListShelf(() => sessionOf(this.#player));
  readonly #report: StateReport;
  readonly #session: Session;
  readonly #trust: SpeakerTrust;
  readonly #first = () => ({ name: this.#options.name, provenId: this.#trust.provenId() });
  #player: PlayerState;
  #phase: 'new' | 'running' | 'over' = 'new';
  #settings: SettingsKeeper | null = null;
  readonly #name: OwnName;
  #modeTimer: Timer | null = null;
  #keeper: PlaybackKeeper | null = null;
  #networkWatching: NetworkWatching | null = null;

  constructor(ports: DevicePorts, options: DeviceOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#trust = new SpeakerTrust(ports);
    this.#name = new OwnName(ports, options.name);
    this.#player = initialPlayerState({
      volume: VOLUME_ON_FIRST_START,
      output: options.output,
      outputProblem: null,
      bufferedMs: ms(0),
      underruns: 0,
    });
    this.#report = createStateReport(ports.clock, {
      read: () => ({
        epoch: this.#ledger.epoch(),
        session: reportedSessionOf(this.#player),
        speaker: this.#player.speaker,
        positionTrueAtUs: positionTrueAtUs(this.#player),
        clockOffset: this.#session.offset(),
      }),
      send: (message) => void this.#session.send(message),
    });
    const view = {
      hello: (challenge: Challenge | null) => this.#hello(challenge),
      welcomed: (welcome: Welcome, address: string) => this.#welcomed(welcome, address),
      received: (message: Received) => this.#received(message),
      disconnected: () => {
        this.#report.pause();
        this.#ports.watcher?.changed();
      },
      disowned: () => void this.#disowned(),
    };
    const { bridgeAddress } = options;
    this.#session = new Session(ports, view, { bridgeAddress, hasIdentity: ports.identity !== undefined });
  }

  start(): Promise<void> {
    return this.#lifecycle.run(async () => {
      if (this.#phase !== 'new') return;
      this.#phase = 'running';
      const { engine, memory } = this.#ports;
      const [settings, recalled] = await Promise.all([
        openOwnSettings(this.#ports, this.#first),
        memory.recall(),
        this.#trust.read(),
      ]);
      this.#settings = settings;
      this.#trust.takeProvenId(settings);
      const { policy } = this.#trust;
      const { name, lastBridgeAddress, speakerId: id } = settings.current();
      this.#call(policy.kind === 'house' ? name : this.#options.name);
      // The memory hears of a turned knob at once, the settings a second later.
      const volume = recalled?.volume ?? settings.current().volume;
      this.#player = { ...this.#player, speaker: { ...this.#player.speaker, volume } };
      engine.listen((event) => this.#engineReported(event));
      // Before anything else: sound does not wait for the connection, nor for being found.
      this.#tellBridge(this.#session.likeliest(lastBridgeAddress, policy));
      engine.send({ kind: 'setVolume', volume });
      this.#restore(recalled);
      this.#name.announce({ id, ...this.#options });
      this.#session.start(lastBridgeAddress, policy);
      this.#networkWatching = this.#ports.network.watch(() => this.#session.networkChanged());
    });
  }

  stop(): Promise<void> {
    return this.#lifecycle.run(async () => {
      if (this.#phase !== 'running') return;
      this.#phase = 'over';
      this.#modeTimer?.cancel();
      this.#networkWatching?.stop();
      this.#report.stop();
      await Promise.all([
        this.#session.stop(),
        this.#name.stop(),
        this.#settings?.flush(),
        this.#keeper?.stop(),
        this.#ports.engine.close(),
      ]);
    });
  }

  view(): DeviceView {
    const { model, version } = this.#options;
    return {
      id: this.#settings?.current().speakerId ?? null,
      ...{ model, version, ...this.#name.view() },
      connection: this.#session.view(),
      clockOffset: this.#session.offset(),
      session: sessionOf(this.#player),
      speaker: this.#player.speaker,
      epoch: this.#ledger.epoch(),
      revision: this.#report.revision(),
    };
  }

  ownershipChanged(): Promise<void> {
    return this.#lifecycle.run(async () => {
      if (this.#phase !== 'running') return;
      await this.#trust.read();
      if (this.#trust.policy.kind !== 'house') this.#call(this.#options.name);
      this.#session.follow(this.#trust.policy);
    });
  }

  perform(body: CommandBody): void {
    if (this.#phase === 'running') this.#apply(askedHere(body, this.#ports.clock.nowUs()));
  }

  async #disowned(): Promise<void> {
    if (await this.#trust.disown()) await this.ownershipChanged();
  }

  /** Goes on with what the process before this one played, by itself if that was a moment ago. */
  #restore(recalled: RecalledPlayback | null): void {
    const isPlaying = recalled !== null && resumesByItself(recalled);
    const resumes = isPlaying ? recalled.resumes + 1 : 0;
    const view = {
      player: () => this.#player,
      epoch: () => this.#ledger.epoch(),
      performed: () => this.#ledger.performed(),
    };
    this.#keeper = createPlaybackKeeper(this.#ports, view, resumes);
    if (recalled === null) return;
    const { epoch, session, ageMs } = recalled;
    this.#ledger.adoptEpoch(epoch);
    this.#ledger.restore(recalled.performed ?? []);
    if (session === null) return;
    this.#ports.logger.info('speaker.restored', { isPlaying, ageMs, resumes, epoch });
    this.#apply({ kind: 'restored', session, isPlaying, nowUs: this.#ports.clock.nowUs() });
  }

  /** Where manifests and music are had; also before the bridge has said welcome, by the address that it had. */
  #tellBridge(address: string | null, accessToken?: string): void {
    if (address === null) return;
    const { speakerId } = this.#settings?.current() ?? {};
    const pin = pinOf(this.#trust.policy);
    const access = {
      url: address.replace(/^ws/, 'http'),
      ...(speakerId && { speakerId }),
      ...(pin && { pin }),
      ...(accessToken && { accessToken }),
    };
    this.#ports.engine.send({ kind: 'setBridge', ...access });
    this.#ports.updates?.bridgeIs(access);
  }

  /** Remembered, so that it is announced by its name before it has heard of its bridge. */
  #call(name: string): void {
    this.#name.change(name);
    if (this.#settings?.current().name !== name) this.#settings?.change({ name });
  }

  #hello(challenge: Challenge | null): Hello {
    const settings = this.#settings?.current();
    if (settings === undefined) throw new Error('a speaker connects only after it has its settings');
    const { speakerId: id, resumeToken } = settings;
    const [epoch, revision] = [this.#ledger.epoch(), this.#report.revision()];
    const session = sessionOf(this.#player);
    const takesUpdates = this.#ports.updates?.takes;
    const facts = { speaker: { id, ...this.#options }, resumeToken, epoch, revision, session, takesUpdates };
    return { ...helloOf(facts), ...this.#trust.proofOf(id, challenge) };
  }

  #welcomed(welcome: Welcome, address: string): void {
    const { resumeToken, epoch, role, name = this.#options.name } = welcome;
    this.#settings?.change({ resumeToken, lastBridgeAddress: address });
    this.#call(name);
    this.#tellBridge(address, welcome.accessToken);
    this.#ledger.adoptEpoch(epoch);
    if (role === 'standby' && this.#player.mode.kind !== 'idle') {
      this.#ports.logger.info('session.fenced', { epoch });
      this.#apply({ kind: 'fenced', nowUs: this.#ports.clock.nowUs() });
    }
    this.#keeper?.changed();
    this.#report.sendSnapshot();
    this.#ports.watcher?.changed();
  }

  #received(message: Received): void {
    const { engine } = this.#ports;
    if (message.kind === 'command') this.#command(message);
    else if (message.kind === 'stateRequest') this.#report.sendSnapshot();
    else if (message.kind === 'trackList') this.#lists.take(message);
    else if (message.kind === 'named') this.#call(message.name);
    else if (message.kind === 'updateOffered') this.#ports.updates?.offered();
    else if (message.kind === 'hints') engine.send({ kind: 'setHints', reason: 'shown', trackIds: message.trackIds });
    else for (const part of this.#lists.parts(message.listId)) this.#session.send(part);
  }

  #command(message: Command): void {
    const admission = this.#ledger.admit(message);
    if (admission.kind === 'answered') this.#sendAnswer(message.id, admission.outcome);
    if (admission.kind !== 'perform') return;
    const { id } = message;
    const body = this.#lists.unfold(message.body);
    if (body === null) {
      this.#ledger.forget(id);
      this.#sendAnswer(id, LIST_MISSING);
      return;
    }
    const { clock, random } = this.#ports;
    const { deadline } = admission;
    const nowUs = clock.nowUs();
    const instant = instantOf(body, this.#session.offset(), nowUs);
    this.#apply({ kind: 'command', id, body, deadline, fraction: random.fraction(), nowUs, ...instant }, message);
  }

  #engineReported(event: EngineEvent): void {
    if (this.#phase !== 'running') return;
    if (event.kind === 'failed' || event.kind === 'nextFailed') {
      const { code, message } = event.error;
      this.#ports.logger.warn('player.track-failed', { trackId: event.trackId, code, reason: message });
    }
    this.#apply({ kind: 'engineReported', event, nowUs: this.#ports.clock.nowUs() });
  }

  /** The driver: the only place where the player's state changes and its effects are performed. */
  #apply(input: PlayerInput, command: Command | null = null): void {
    const { state, effects } = transition(this.#player, input);
    const upcoming = planUpcomingChange(this.#player, state);
    this.#player = state;
    for (const effect of effects) this.#perform(effect);
    if (upcoming !== null) this.#ports.engine.send({ kind: 'setHints', reason: 'queue', trackIds: upcoming });
    const answers = effects.filter((effect) => effect.kind === 'answer');
    const isRefused = answers.some((answer) => answer.id === command?.id && answer.reply.kind === 'refused');
    if (command !== null && !isRefused) this.#ledger.raiseEpoch(command);
    if (state.speaker.volume !== this.#settings?.current().volume) {
      this.#settings?.change({ volume: state.speaker.volume });
    }
    this.#keeper?.changed();
    this.#ports.watcher?.changed();
    if (answers.length === 0) {
      this.#report.changed();
      return;
    }
    // The change is told before the answer, so that whoever has the answer has seen the change.
    const revision = this.#report.flush();
    for (const answer of answers) this.#answer(answer.id, answer.reply, revision);
  }

  #perform(effect: PlayerEffect): void {
    switch (effect.kind) {
      case 'tellEngine':
        this.#ports.engine.send(effect.intent);
        return;
      case 'armModeTimer':
        this.#modeTimer?.cancel();
        this.#modeTimer = this.#ports.clock.setTimer('player-mode', effect.delay, () =>
          this.#apply({ kind: 'modeTimerFired', nowUs: this.#ports.clock.nowUs() }),
        );
        return;
      case 'cancelModeTimer':
        this.#modeTimer?.cancel();
        return;
      case 'answer':
        // Sent by `#apply` when the change it answers for has been told.
        return;
    }
  }

  #answer(id: CommandId, reply: Reply, revision: number): void {
    if (id === ASKED_HERE) return void sayHere(this.#ports.logger, reply);
    const bridgeTime = bridgeTimeAt(this.#session.offset(), this.#ports.clock.nowUs());
    const outcome = outcomeOf(reply, revision, this.#ledger.epoch(), bridgeTime);
    this.#ledger.answered(id, outcome);
    this.#sendAnswer(id, outcome);
  }

  #sendAnswer(id: CommandId, outcome: Outcome): void {
    const answer: Answer = { kind: 'answer', id, outcome };
    this.#session.send(answer);
  }
}
