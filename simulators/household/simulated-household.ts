/**
 * A whole household for `tonearm simulate household`: a bridge, a speaker for each room and, without music of the user's own, the
 * composer of the sample album, each a process of its own that is kept alive; the speakers are paired as an owner would pair them.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSerialLock } from '#protocol/kit/serial-lock';
import { TonearmError } from '#protocol/vocabulary/errors';
import { RestPhone } from '#sim/processes/rest-phone';
import { AlbumComposer } from './album-composer.ts';
import { createBoundedLogFile } from './bounded-log-file.ts';
import { takeKeys } from './house-keys.ts';
import { printable } from './household-screen.ts';
import { IngestAsker } from './ingest-asker.ts';
import { describeEvent, KeptProgram, type ProgramEvent } from './kept-program.ts';
import { lanAddress } from './network-place.ts';
import { SpeakerPairing } from './speaker-pairing.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const BRIDGE_MAIN = join(ROOT, 'cloud-bridge', 'app', 'main.ts');
const SPEAKER_MAIN = join(ROOT, 'device', 'app', 'main.ts');

export interface SimulatedHouseholdOptions {
  readonly rooms: readonly string[];
  /** Whose house it is. */
  readonly owner: string;
  /** Of the bridge. */
  readonly ports: { readonly plain: number; readonly tls: number };
  /** Null: the sample album, which is composed into `albumFolder` unless it is there. */
  readonly musicFolder: string | null;
  readonly albumFolder: string;
  readonly sink: string;
  readonly hasMdns: boolean;
}

export interface SimulatedHouseholdListener {
  /** Somebody died and comes back by itself. */
  broke(who: string, what: string): void;
  mended(who: string, what: string): void;
  /** What should not be. */
  problem(who: string, what: string): void;
}

/** Of one speaker. */
interface Room {
  readonly name: string;
  readonly program: KeptProgram;
  readonly pairing: SpeakerPairing;
  id: string | null;
  lanPort: number | null;
  isConnected: boolean;
}

export class SimulatedHousehold {
  readonly url: string;
  /** The owner, signed in by a cookie once `start` has resolved. */
  readonly phone: RestPhone;
  readonly #options: SimulatedHouseholdOptions;
  readonly #listener: SimulatedHouseholdListener;
  /** Gone at the end: each run is a new house. */
  readonly #folder: string;
  readonly #bridge: KeptProgram;
  readonly #rooms: readonly Room[];
  readonly #composer: AlbumComposer | null;
  readonly #ingestAsker: IngestAsker;
  readonly #standing: Promise<void>;
  #stands: () => void = () => {};
  #fails: (error: Error) => void = () => {};
  #isEntered = false;
  #ownerLink: string | null = null;
  #page = '';
  #isStopping = false;

  constructor(options: SimulatedHouseholdOptions, listener: SimulatedHouseholdListener) {
    this.#options = options;
    this.#listener = listener;
    this.url = `http://127.0.0.1:${options.ports.plain}`;
    this.phone = new RestPhone(this.url);
    this.#folder = mkdtempSync(join(tmpdir(), 'tonearm-household-'));
    this.#standing = new Promise((resolve, reject) => {
      this.#stands = resolve;
      this.#fails = reject;
    });
    // Who does not wait for it any more is told by `stop`.
    this.#standing.catch(() => {});
    const folder = options.musicFolder ?? options.albumFolder;
    this.#ingestAsker = new IngestAsker(this.phone, folder, (why) =>
      this.#problem('bridge', `refuses the music: ${why}`),
    );
    this.#bridge = this.#keep('bridge', BRIDGE_MAIN, this.#bridgeArgs());
    const turn = createSerialLock();
    this.#rooms = options.rooms.map((name) => ({
      name,
      program: this.#keep(name, SPEAKER_MAIN, this.#speakerArgs(name)),
      pairing: new SpeakerPairing(this.phone, (problem) => this.#notPaired(name, problem), turn),
      id: null,
      lanPort: null,
      isConnected: false,
    }));
    this.#composer = options.musicFolder === null ? this.#composeInto(options.albumFolder) : null;
  }

  /** Where a browser is let in as the owner. */
  get page(): string {
    return this.#page;
  }

  /** Speakers with the door of each in the network; complete once `start` has resolved. */
  get speakers(): readonly { readonly name: string; readonly id: string; readonly lanPort: number }[] {
    return this.#rooms.flatMap(({ name, id, lanPort }) =>
      id === null || lanPort === null ? [] : [{ name, id, lanPort }],
    );
  }

  /** Processes by whose they are, those that run now. */
  get pids(): ReadonlyMap<string, number> {
    const all = [{ name: 'bridge', program: this.#bridge }, ...this.#rooms];
    return new Map(all.flatMap(({ name, program }) => (program.pid === null ? [] : [[name, program.pid] as const])));
  }

  /** Resolves when all speakers are paired and connected. @throws when a program cannot be kept alive */
  async start(): Promise<void> {
    this.#composer?.start();
    this.#bridge.start();
    await this.#standing;
  }

  /** Ends all of it and removes what it has written. Twice is harmless. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#fails(new Error('the household was ended'));
    this.#ingestAsker.stop();
    // The speakers first: they fade out and say goodbye to a bridge that still listens.
    await Promise.all([this.#composer?.stop(), ...this.#rooms.map(({ program }) => program.stop())]);
    await this.#bridge.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #keep(who: string, script: string, args: readonly string[]): KeptProgram {
    const log = createBoundedLogFile(join(this.#folder, 'logs', `${who}.log`));
    return new KeptProgram({ label: who, script, args }, log, {
      logged: (event) => this.#logged(who, event),
      restarting: (exit) => this.#listener.broke(who, `ended (${exit})`),
      gaveUp: (exit, lastLines) => {
        const said = lastLines.map(printable).join('\n');
        this.#problem(who, `ended (${exit}) and cannot be started`);
        this.#fails(
          new TonearmError('internal.bug', `${who} ended (${exit}) and cannot be started. It said:\n${said}`),
        );
      },
    });
  }

  #bridgeArgs(): string[] {
    const { ports, hasMdns } = this.#options;
    return [
      ...['--data', join(this.#folder, 'bridge'), '--name', 'Tonearm', '--access', 'required', '--owner-link'],
      ...['--port', String(ports.plain), '--tls-port', String(ports.tls), '--mqtt', 'off'],
      ...(hasMdns ? [] : ['--no-mdns']),
    ];
  }

  #speakerArgs(name: string): string[] {
    const { sink, hasMdns } = this.#options;
    return [
      ...['--data', join(this.#folder, `speaker ${name}`), '--name', name, '--sink', sink, '--lan-port', '0'],
      ...(hasMdns ? [] : ['--no-mdns']),
    ];
  }

  #composeInto(folder: string): AlbumComposer {
    // The bridge may look before the composer has written anything.
    mkdirSync(folder, { recursive: true });
    return new AlbumComposer(folder, createBoundedLogFile(join(this.#folder, 'logs', 'composer.log')), {
      grown: () => this.#ingest(),
      failed: (problem) => this.#problem('composer', problem),
    });
  }

  #logged(who: string, event: ProgramEvent): void {
    const room = this.#rooms.find(({ name }) => name === who);
    if (event.level === 'error') this.#problem(who, describeEvent(event));
    if (room !== undefined) this.#heardSpeaker(room, event);
    else if (event.event === 'bridge.welcome') this.#ownerLink ??= String(event['link']);
    else if (event.event === 'bridge.ready') {
      this.#bridgeReady().catch((thrown: unknown) =>
        this.#fails(new Error('the house cannot be entered', { cause: thrown })),
      );
    }
  }

  async #bridgeReady(): Promise<void> {
    if (this.#isEntered) this.#listener.mended('bridge', 'is back');
    else if (this.#ownerLink !== null) {
      this.#isEntered = true;
      // They have to load first, and need no bridge for that.
      for (const { program } of this.#rooms) program.start();
      const address = `http://${lanAddress()}:${this.#options.ports.plain}`;
      this.#page = await takeKeys(this.#ownerLink, this.phone, address, this.#options.owner);
      for (const { pairing } of this.#rooms) pairing.ownerIsIn();
    }
    this.#ingest();
  }

  #heardSpeaker(room: Room, event: ProgramEvent): void {
    if (event.event === 'speaker.ready') {
      room.id = String(event['id']);
      room.lanPort = Number(event['lanPort']);
      room.pairing.doorOpened(`127.0.0.1:${room.lanPort}`);
    }
    if (event.event === 'pairing.code') room.pairing.codeHeard(String(event['code']));
    if (event.event !== 'speaker.connected') return;
    if (room.isConnected) this.#listener.mended(room.name, 'is back');
    room.isConnected = true;
    if (this.#rooms.every(({ isConnected }) => isConnected)) this.#stands();
  }

  #ingest(): void {
    if (this.#isEntered) this.#ingestAsker.ask();
  }

  #notPaired(name: string, problem: string): void {
    this.#problem(name, `cannot be paired: ${problem}`);
    this.#fails(new TonearmError('pairing.refused', `${name} cannot be paired: ${printable(problem)}`));
  }

  #problem(who: string, what: string): void {
    if (!this.#isStopping) this.#listener.problem(who, printable(what));
  }
}
