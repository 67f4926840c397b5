/**
 * The household of `npm start`: a bridge, a speaker and, without music of the user's own, the composer of the sample album, each
 * a process of its own. It starts them in order, tells the user what becomes of them, and ends them in order.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { HouseholdSnapshot } from '#protocol/wire/household';
import type { SpeakerStatus } from '#protocol/wire/playback-state';
import { RestPhone } from '#sim/processes/rest-phone';
import { AlbumComposer } from './album-composer.ts';
import { createBoundedLogFile } from './bounded-log-file.ts';
import { lendTokens, takeKeys } from './house-keys.ts';
import type { HouseholdOptions } from './household-options.ts';
import { type HouseholdScreen, printable, renderNowPlaying, renderOutput, renderWelcome } from './household-screen.ts';
import { IngestAsker } from './ingest-asker.ts';
import { describeEvent, KeptProgram, type ProgramEvent } from './kept-program.ts';
import { MusicStarter } from './music-starter.ts';
import { lanAddress } from './network-place.ts';
import { SpeakerPairing } from './speaker-pairing.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const BRIDGE_MAIN = join(ROOT, 'cloud-bridge', 'app', 'main.ts');
const SPEAKER_MAIN = join(ROOT, 'device', 'app', 'main.ts');
/** How often the bridge is asked what is new; nobody reads faster. */
const LOOK_EVERY_MS = 500;
/** The same complaint is shown at most this often; all of them are in the log. */
const COMPLAINT_EVERY_MS = 10_000;
/** Different complaints that are remembered for that. */
const COMPLAINTS_MAX = 100;
/** Unreadable files that are named on the screen; `tonearm ingest` lists the rest. */
const FAILURES_SHOWN_MAX = 20;

/** Of the bridge. */
export interface HouseholdPorts {
  readonly plain: number;
  readonly tls: number;
}

/** `failed`: a program could not be kept alive. */
export type HouseholdEnd = 'asked' | 'failed';

export class Household {
  readonly #options: HouseholdOptions;
  readonly #screen: HouseholdScreen;
  readonly #ports: HouseholdPorts;
  readonly #url: string;
  readonly #phone: RestPhone;
  readonly #bridge: KeptProgram;
  readonly #speaker: KeptProgram;
  readonly #composer: AlbumComposer | null;
  readonly #starter: MusicStarter;
  readonly #pairing: SpeakerPairing;
  readonly #ingestAsker: IngestAsker;
  readonly #complaints = new Map<string, number>();
  readonly #shownFailures = new Set<string>();
  readonly #ended: Promise<HouseholdEnd>;
  #end: (why: HouseholdEnd) => void = () => {};
  #lookTimer: NodeJS.Timeout | null = null;
  #isWelcomed = false;
  #isEntered = false;
  /** Where the owner comes in; the bridge logs it before it is ready. */
  #ownerLink: string | null = null;
  #isMusicStarted = false;
  #shownTrack = '';
  #shownOutput = '';
  #speakerId = '';

  constructor(options: HouseholdOptions, ports: HouseholdPorts, screen: HouseholdScreen) {
    this.#options = options;
    this.#ports = ports;
    this.#url = `http://127.0.0.1:${ports.plain}`;
    this.#screen = screen;
    this.#phone = new RestPhone(this.#url);
    this.#pairing = new SpeakerPairing(this.#phone, (problem) =>
      screen.warn(`the speaker cannot be taken into the house: ${printable(problem)}`),
    );
    this.#ingestAsker = new IngestAsker(this.#phone, this.#musicFolder(), (why) =>
      screen.warn(printable(`the bridge refuses the music: ${why}`)),
    );
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#bridge = this.#keep('bridge', BRIDGE_MAIN, this.#bridgeArgs());
    this.#speaker = this.#keep('speaker', SPEAKER_MAIN, this.#speakerArgs());
    this.#composer = options.musicFolder === null ? this.#composeInto(join(options.dataFolder, 'sample-album')) : null;
    this.#starter = new MusicStarter(this.#phone, {
      isGrowing: () => this.#composer?.isComposing === true,
      foundNothing: () => screen.warn(`no music was found in ${this.#musicFolder()}`),
      couldNotPlay: (problem) => screen.warn(`the music does not start: ${printable(problem)}`),
    });
  }

  /** Starts everything; resolves when it has all ended again. */
  async run(): Promise<HouseholdEnd> {
    this.#composer?.start();
    this.#bridge.start();
    const why = await this.#ended;
    await this.#stop();
    return why;
  }

  /** Asks for the end. Twice is harmless. */
  stop(): void {
    this.#end('asked');
  }

  /** For somebody who does not want to wait. */
  kill(): void {
    this.#composer?.kill();
    this.#speaker.kill();
    this.#bridge.kill();
  }

  async #stop(): Promise<void> {
    if (this.#lookTimer !== null) clearInterval(this.#lookTimer);
    this.#ingestAsker.stop();
    this.#starter.stop();
    // The speaker first: it fades out and says goodbye to a bridge that still listens.
    await Promise.all([this.#composer?.stop(), this.#speaker.stop()]);
    // Or each start would leave a session behind that nobody uses any more.
    if (this.#isEntered) await this.#phone.call('POST', '/tonearm/v1/sign-out').catch(() => null);
    await this.#bridge.stop();
  }

  #keep(label: string, script: string, args: readonly string[]): KeptProgram {
    const log = createBoundedLogFile(join(this.#options.dataFolder, 'logs', `${label}.log`));
    return new KeptProgram({ label, script, args }, log, {
      logged: (event) => this.#logged(label, event, log.path),
      restarting: (exit, afterMs) =>
        this.#screen.warn(
          `the ${label} ended (${exit}) and starts again in ${afterMs / 1000} s; ${log.path} has the details`,
        ),
      gaveUp: (exit, lastLines) => {
        this.#screen.warn(`the ${label} ended (${exit}) and cannot be started. It said:`);
        this.#screen.say(...lastLines.map((line) => `    ${printable(line)}`));
        this.#end('failed');
      },
    });
  }

  #bridgeArgs(): string[] {
    const places = ['--port', String(this.#ports.plain), '--tls-port', String(this.#ports.tls)];
    const flags = [
      '--data',
      this.#dataOf('bridge'),
      ...places,
      '--name',
      'Tonearm',
      '--access',
      'required',
      '--owner-link',
    ];
    return [...flags, ...(this.#options.hasMdns ? [] : ['--no-mdns'])];
  }

  /** The sample album and the user's own music are two houses: a speaker belongs to one. */
  #dataOf(program: 'bridge' | 'speaker'): string {
    return join(this.#options.dataFolder, this.#options.musicFolder === null ? 'sample' : 'own', program);
  }

  #speakerArgs(): string[] {
    const { speakerName, sink, hasMdns } = this.#options;
    return [
      ...['--data', this.#dataOf('speaker'), '--name', speakerName, '--sink', sink, '--lan-port', '0'],
      ...(hasMdns ? [] : ['--no-mdns']),
    ];
  }

  #composeInto(folder: string): AlbumComposer {
    // The bridge may look before the composer has written anything.
    mkdirSync(folder, { recursive: true });
    const log = createBoundedLogFile(join(this.#options.dataFolder, 'logs', 'composer.log'));
    return new AlbumComposer(folder, log, {
      grown: () => this.#ingest(),
      failed: (problem) =>
        this.#screen.warn(`the sample album could not be composed: ${problem}; ${log.path} has the details`),
    });
  }

  #musicFolder(): string {
    return this.#options.musicFolder ?? join(this.#options.dataFolder, 'sample-album');
  }

  #logged(label: string, event: ProgramEvent, logPath: string): void {
    if (event.event === 'bridge.welcome') this.#ownerLink ??= String(event['link']);
    if (event.event === 'bridge.ready') {
      this.#bridgeReady().catch((thrown: unknown) =>
        this.#screen.warn(`the house cannot be entered: ${String(thrown)}`),
      );
    }
    if (event.event === 'speaker.ready') this.#speakerReady(event);
    if (event.event === 'pairing.code') this.#pairing.codeHeard(String(event['code']));
    if (event.level === 'error') this.#complain(`${label}: ${describeEvent(event)}`, logPath);
  }

  async #bridgeReady(): Promise<void> {
    if (!this.#isWelcomed && this.#ownerLink !== null) {
      this.#isWelcomed = true;
      // It has to load first, and needs no bridge for that.
      this.#speaker.start();
      const address = `http://${lanAddress()}:${this.#ports.plain}`;
      const page = await takeKeys(this.#ownerLink, this.#phone, address);
      this.#pairing.ownerIsIn();
      this.#screen.say(...renderWelcome(page, this.#ports.plain));
      this.#lookTimer = setInterval(() => void this.#look(), LOOK_EVERY_MS);
      void lendTokens(this.#url, this.#phone).catch((thrown: unknown) =>
        this.#screen.warn(`npx tonearm has to be signed in by hand (npx tonearm login): ${String(thrown)}`),
      );
      this.#isEntered = true;
    }
    this.#ingest();
  }

  #speakerReady(event: ProgramEvent): void {
    this.#speakerId = String(event['id']);
    this.#pairing.doorOpened(`127.0.0.1:${event['lanPort']}`);
    // Once: a speaker that comes back after a crash resumes what it played.
    if (!this.#options.isPlaying || this.#isMusicStarted) return;
    this.#isMusicStarted = true;
    void this.#starter.run(this.#speakerId);
  }

  #ingest(): void {
    if (this.#isEntered) this.#ingestAsker.ask();
  }

  async #look(): Promise<void> {
    const household = await this.#phone.household().catch(() => null);
    if (household === null) return;
    this.#showFailures(household);
    this.#screen.progress(household.ingest);
    const playing = renderNowPlaying(household.session, household.speakers);
    if (playing !== null && playing !== this.#shownTrack) {
      this.#screen.say(playing);
      this.#shownTrack = playing;
    }
    const status = household.speakers.find(({ id }) => id === this.#speakerId)?.status ?? null;
    if (status !== null) this.#showOutput(status);
  }

  #showOutput(status: SpeakerStatus): void {
    const lines = renderOutput(this.#options.speakerName, status);
    const text = lines.join();
    if (lines.length === 0 || text === this.#shownOutput) return;
    this.#shownOutput = text;
    this.#screen.say(...lines);
  }

  #showFailures({ ingest }: HouseholdSnapshot): void {
    for (const { path, error } of ingest.failures) {
      if (this.#shownFailures.has(path) || this.#shownFailures.size >= FAILURES_SHOWN_MAX) continue;
      this.#shownFailures.add(path);
      this.#screen.warn(printable(`${path} cannot be played: ${error.message}`));
    }
  }

  /** Shows a problem, and not again for a while. */
  #complain(text: string, logPath: string): void {
    const nowMs = performance.now();
    const lastMs = this.#complaints.get(text);
    if (lastMs !== undefined && nowMs - lastMs < COMPLAINT_EVERY_MS) return;
    if (this.#complaints.size >= COMPLAINTS_MAX) this.#complaints.clear();
    this.#complaints.set(text, nowMs);
    this.#screen.warn(`${printable(text)} (${logPath})`);
  }
}
