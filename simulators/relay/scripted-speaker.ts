/**
 * A speaker that does what a test tells it: a Connect socket from the speaker's end, with honest answers by default and
 * any other on demand. It keeps all it was told, so that a conversation can be asserted word by word.
 */
import { createTrackLists, partsOf } from '#protocol/kit/track-lists';
import { CLOSE_CODES, type CloseCode, type TransportDialer, type TransportLink } from '#protocol/ports/transport';
import { speakerId } from '#protocol/vocabulary/ids';
import { type Frames, frames, ms, msToFrames, percent, type Us, us } from '#protocol/vocabulary/units';
import { type BridgeMessage, bridgeMessageSchema } from '#protocol/wire/bridge-message';
import type { Command, CommandBody, CommandKind, Outcome } from '#protocol/wire/command';
import { encodeMessage, parseMessage } from '#protocol/wire/envelope';
import type { Hello } from '#protocol/wire/hello';
import type { Playback, SessionState } from '#protocol/wire/playback-state';
import type { SpeakerMessage } from '#protocol/wire/speaker-message';

/** What it makes of a command: an outcome, or nothing at all. */
export type Script = (command: Command) => Outcome | 'silence';

const MODEL = 'Scripted speaker';
const CLOCK_ERROR = us(100);

export class ScriptedSpeaker {
  readonly id: string;
  readonly name: string;
  /** Everything it was told since its last `connect`. */
  heard: BridgeMessage[] = [];
  /** Close code and reason of its last link; null while it is open. */
  ended: { readonly code: number; readonly reason: string } | null = null;
  /** Whether it reports when it is welcomed, as every speaker should. */
  isReporting = true;
  /** Whether its hello says that it knows hints. */
  takesHints = false;
  /** Whether its hello says that it knows lists, and it then names contexts by them. */
  takesLists = false;
  /** Whether its hello says that it takes updates. */
  takesUpdates = false;
  /** Whether it tells a list that it is asked for. */
  answersLists = true;
  /** Lists that it was told. */
  lists = createTrackLists({ lists: 4, entries: 40_000 });
  /** What it takes the bridge's clock to be; null: it does not know, and does not say so. */
  bridgeClock: (() => Us) | null = null;
  session: SessionState | null = null;
  volume = 40;
  epoch = 0;
  revision = 0;
  readonly #dialer: TransportDialer;
  readonly #address: string;
  readonly #scripts = new Map<CommandKind, Script>();
  #prepared: SessionState | null = null;
  #released: SessionState | null = null;
  #link: TransportLink | null = null;

  constructor(name: string, dialer: TransportDialer, address: string) {
    this.name = name;
    this.id = `${name}-speaker`;
    this.#dialer = dialer;
    this.#address = address;
  }

  /** Opens a socket and says nothing yet. */
  async dial(): Promise<void> {
    const outcome = await this.#dialer.dial(this.#address).outcome;
    if (!outcome.ok) throw outcome.error;
    const link = outcome.value;
    this.#link = link;
    this.heard = [];
    this.ended = null;
    link.listen({
      received: (text) => this.#received(link, text),
      closed: (code, reason) => {
        if (this.#link === link) this.ended = { code, reason };
      },
    });
  }

  /** Opens a socket and says hello. */
  async connect(resume: Hello['resume'] = null): Promise<void> {
    await this.dial();
    this.say(this.hello(resume));
  }

  hello(resume: Hello['resume'] = null): Hello {
    return {
      kind: 'hello',
      protocol: 1,
      speaker: { id: speakerId(this.id), name: this.name, model: MODEL, version: '0' },
      capabilities: {
        hasVolume: true,
        codecs: ['opus'],
        ...(this.takesHints ? { takesHints: true } : {}),
        ...(this.takesLists ? { takesLists: true } : {}),
        ...(this.takesUpdates ? { takesUpdates: { arch: 'arm64' as const, seq: 1 } } : {}),
      },
      resume,
    };
  }

  /** What it says of itself when it comes back, still playing what it played. */
  resumed(): Hello['resume'] {
    const accountId = this.session?.accountId;
    const isActive = this.session !== null;
    const whose = accountId === undefined ? {} : { accountId };
    return { token: null, epoch: this.epoch, revision: this.revision, isActive, ...whose };
  }

  say(message: SpeakerMessage): void {
    this.sayRaw(encodeMessage(message));
  }

  sayRaw(text: string): void {
    this.#link?.send(text);
  }

  /** As a process that was started anew. */
  forgetLists(): void {
    this.lists = createTrackLists({ lists: 4, entries: 40_000 });
  }

  hangUp(code: CloseCode = CLOSE_CODES.normal): void {
    this.#link?.close(code, 'hung up');
  }

  /** From now on it makes this of commands of the kind; null: what is honest. */
  script(kind: CommandKind, script: Script | null): void {
    if (script === null) this.#scripts.delete(kind);
    else this.#scripts.set(kind, script);
  }

  /** The commands it was told, without the time and the id that a test cannot know. */
  commands(): CommandBody[] {
    return this.#commandMessages().map((command) => command.body);
  }

  kinds(): CommandKind[] {
    return this.commands().map((body) => body.kind);
  }

  epochsOf(kind: CommandKind): number[] {
    return this.#commandMessages()
      .filter((command) => command.body.kind === kind)
      .map((command) => command.epoch);
  }

  heardOf<Kind extends BridgeMessage['kind']>(kind: Kind): Extract<BridgeMessage, { kind: Kind }>[] {
    return this.heard.filter((message): message is Extract<BridgeMessage, { kind: Kind }> => message.kind === kind);
  }

  snapshot(): void {
    this.say({
      kind: 'stateSnapshot',
      epoch: this.epoch,
      revision: this.revision,
      positionAgeUs: us(0),
      ...(this.bridgeClock === null
        ? {}
        : { clock: { offsetUs: us(0), errorUs: CLOCK_ERROR, positionAtUs: this.bridgeClock() } }),
      session: this.session,
      speaker: {
        volume: percent(this.volume),
        output: 'virtual',
        outputProblem: null,
        bufferedMs: ms(1_000),
        underruns: 0,
      },
    });
  }

  /** Moves its loudspeaker to a place of the current track, and reports it. */
  moveTo(positionFrames: Frames): void {
    if (this.session === null || this.session.playback.kind === 'stopped') return;
    this.#playback({ ...this.session.playback, positionFrames });
    this.revision += 1;
    this.snapshot();
  }

  #commandMessages(): Command[] {
    return this.heardOf('command');
  }

  #received(link: TransportLink, text: string): void {
    if (this.#link !== link) return;
    const message = parseMessage(bridgeMessageSchema, text, 'message of the bridge');
    if (!message.ok) throw message.error;
    this.heard.push(message.value);
    if (message.value.kind === 'welcome') {
      this.epoch = Math.max(this.epoch, message.value.epoch);
      if (message.value.role === 'standby') this.session = null;
      if (this.isReporting) this.snapshot();
    }
    if (message.value.kind === 'stateRequest') this.snapshot();
    if (message.value.kind === 'trackList') this.lists.take(message.value);
    if (message.value.kind === 'listRequest' && this.answersLists) {
      for (const part of partsOf(message.value.listId, this.lists.get(message.value.listId) ?? [])) this.say(part);
    }
    if (message.value.kind === 'heartbeat') this.say({ kind: 'heartbeatAnswer', sequence: message.value.sequence });
    if (message.value.kind === 'command') this.#answer(message.value);
  }

  #answer(command: Command): void {
    const script = this.#scripts.get(command.body.kind);
    const outcome = script === undefined ? this.#honest(command) : script(command);
    if (outcome !== 'silence') this.say({ kind: 'answer', id: command.id, outcome });
  }

  #honest(command: Command): Outcome {
    const { body } = command;
    if (body.kind !== 'setVolume' && command.epoch < this.epoch) return { kind: 'superseded', epoch: this.epoch };
    if (body.kind === 'play' && body.list !== undefined && this.lists.get(body.list.id) === null) {
      return { kind: 'refused', error: { code: 'session.list-missing', message: 'not here' } };
    }
    this.epoch = Math.max(this.epoch, command.epoch);
    const stopped = this.#obey(body);
    this.revision += 1;
    this.snapshot();
    const clock =
      body.kind === 'prepare' && this.bridgeClock !== null
        ? { clock: { nowUs: this.bridgeClock(), errorUs: CLOCK_ERROR } }
        : {};
    return {
      kind: 'accepted',
      revision: this.revision,
      ...(stopped === undefined ? {} : { session: stopped }),
      ...clock,
    };
  }

  /** @returns for `release`, what was stopped */
  #obey(body: CommandBody): SessionState | null | undefined {
    const playback = this.session?.playback ?? null;
    const isLoaded = playback !== null && playback.kind !== 'stopped';
    if (body.kind === 'play') this.session = this.#playing(body);
    else if (body.kind === 'setVolume') this.volume = body.volume;
    else if (body.kind === 'prepare') this.#prepared = { ...body.session };
    else if (body.kind === 'commit') this.#commit(body);
    else if (body.kind === 'release') {
      const stopped = this.session;
      this.#released = stopped;
      this.session = null;
      return stopped;
    } else if (body.kind === 'keep') this.session = this.#released;
    else if (body.kind === 'resume' && isLoaded) this.#playback({ ...playback, kind: 'playing' });
    else if (body.kind === 'pause' && isLoaded) this.#playback({ ...playback, kind: 'paused' });
    else if (body.kind === 'seek' && isLoaded) {
      this.#playback({ ...playback, positionFrames: msToFrames(body.positionMs) });
    }
    return undefined;
  }

  #playing(body: Extract<CommandBody, { kind: 'play' }>): SessionState {
    const { accountId, list, contextUri, index } = body;
    const trackIds = list === undefined ? body.trackIds : this.lists.get(list.id);
    const trackId = trackIds?.[index];
    if (trackId === undefined) throw new Error('the bridge asked for a track that is not in its list');
    const positionFrames = msToFrames(body.positionMs);
    return {
      ...(accountId === undefined ? {} : { accountId }),
      playback: { kind: 'playing', trackId, positionFrames, durationFrames: TRACK_FRAMES },
      queue: {
        contextUri,
        trackIds: body.trackIds,
        ...(list === undefined ? {} : { list }),
        index,
        upNext: [],
        interlude: null,
      },
      shuffleSeed: null,
      repeat: 'off',
      problem: null,
    };
  }

  #commit(body: Extract<CommandBody, { kind: 'commit' }>): void {
    this.session = this.#prepared;
    if (this.session === null || this.session.playback.kind === 'stopped') return;
    const { positionFrames } = body;
    this.#playback({ ...this.session.playback, kind: body.isPlaying ? 'playing' : 'paused', positionFrames });
  }

  #playback(playback: Playback): void {
    if (this.session !== null) this.session = { ...this.session, playback };
  }
}

const TRACK_FRAMES = frames(48_000 * 60);
