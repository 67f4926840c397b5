/**
 * The recorder of a process and the folder that its recordings are written to: when somebody asks, and when something went
 * wrong. Never otherwise, since most speakers have a memory card; and never many, since nobody may be there to take them away.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBoundedMemo } from '#protocol/kit/bounded-memo';
import type { Pseudonym } from '#protocol/kit/flight-privacy';
import { FlightRecorder } from '#protocol/kit/flight-recorder';
import { type FlightHead, renderFlight } from '#protocol/kit/flight-text';
import type { Clock } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import { toTonearmError } from '#protocol/vocabulary/errors';
import { FLIGHT_SUFFIX } from '#protocol/wire/flight-record';

/** Recordings kept; the oldest goes when there is one more. */
export const FLIGHT_FILES_MAX = 4;
/** Between recordings that nobody asked for: a loudspeaker that stutters all night writes six an hour. */
const GLITCH_EVERY_US = 600_000_000;
const SALT_BYTES = 32;
/** The same few names come again and again; while a recording is written their pseudonyms are at hand. */
const NAMES_HELD_MAX = 4_096;
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** Where a recording was left. */
export interface FlightFile {
  readonly file: string;
  readonly sizeBytes: number;
  readonly seconds: number;
}

export class FlightBox {
  readonly recorder: FlightRecorder;
  readonly #ports: { readonly clock: Clock; readonly logger: Logger };
  readonly #folder: string;
  readonly #head: FlightHead;
  #lastGlitchUs = Number.NEGATIVE_INFINITY;

  /** @param folder made when the first recording is written; @param head `node` and more that all recordings of it say */
  constructor(
    ports: { readonly clock: Clock; readonly logger: Logger },
    folder: string,
    head: Omit<FlightHead, 'node'>,
  ) {
    this.#ports = ports;
    this.#folder = folder;
    this.#head = { ...head, node: process.version };
    this.recorder = new FlightRecorder(ports.clock);
  }

  /** Writes what is held, at once. @throws TonearmError `storage.failed` */
  write(reason: string): FlightFile {
    const held = this.recorder.held();
    const text = renderFlight(held, this.#head, createPseudonym());
    const stamp = new Date(this.#ports.clock.wallMs()).toISOString().replaceAll(/[-:.]/g, '');
    const file = join(this.#folder, `${this.#head.role}-${stamp}${FLIGHT_SUFFIX}`);
    try {
      mkdirSync(this.#folder, { recursive: true, mode: FOLDER_MODE });
      this.#makeRoom();
      writeFileSync(file, text, { mode: FILE_MODE });
    } catch (cause) {
      throw toTonearmError(cause, 'storage.failed');
    }
    const seconds = Math.round((this.#ports.clock.nowUs() - held.startUs) / 1_000_000);
    this.#ports.logger.info('flight.written', { file, reason, seconds, sizeBytes: text.length });
    return { file, sizeBytes: text.length, seconds };
  }

  /** As `write`, for what nobody asked for: not often, and never a failure of its own. */
  glitch(reason: string): void {
    const nowUs = this.#ports.clock.nowUs();
    if (nowUs - this.#lastGlitchUs < GLITCH_EVERY_US) return;
    this.#lastGlitchUs = nowUs;
    this.tryWrite(reason);
  }

  /** As `write`, where nobody is there to be told that it failed but the log. */
  tryWrite(reason: string): void {
    try {
      this.write(reason);
    } catch (thrown) {
      this.#ports.logger.error('flight.not-written', { reason: toTonearmError(thrown).message });
    }
  }

  #makeRoom(): void {
    const files = readdirSync(this.#folder).filter((name) => name.endsWith(FLIGHT_SUFFIX));
    // Their names begin alike and go on with the time.
    for (const name of files.sort().slice(0, Math.max(0, files.length + 1 - FLIGHT_FILES_MAX))) {
      rmSync(join(this.#folder, name), { force: true });
    }
  }
}

/** Its key is chance and goes with it, so that two recordings of one house have not one name in common. */
export function createPseudonym(): Pseudonym {
  const salt = randomBytes(SALT_BYTES);
  return createBoundedMemo(NAMES_HELD_MAX, (text) => createHmac('sha512', salt).update(text).digest());
}
