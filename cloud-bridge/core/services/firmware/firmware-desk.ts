/**
 * Updates of speakers, as the bridge sees them: which releases there are, to how many speakers each goes, who has what,
 * and when a rollout is halted. It offers what was signed and can change nothing of it; each speaker judges for itself.
 */
import type { FirmwareShelf, ShelvedRelease } from '#bridge/core/ports/firmware-shelf';
import type { Household } from '#bridge/core/ports/household';
import { cohortOf } from '#protocol/kit/cohort';
import { createSerialLock } from '#protocol/kit/serial-lock';
import { readFirstRoot, type Sha256OfText, verifyOffer } from '#protocol/kit/update-trust';
import type { Clock } from '#protocol/ports/clock';
import type { IdentityCheck } from '#protocol/ports/identity';
import type { Logger } from '#protocol/ports/logger';
import { TonearmError, toTonearmError } from '#protocol/vocabulary/errors';
import type { SpeakerId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { percent } from '#protocol/vocabulary/units';
import type { Arch, SignedText, UpdateManifest, UpdateOffer, UpdateReport } from '#protocol/wire/update';
import type { Rollout, RolloutRecord } from '#protocol/wire/update-records';
import type { Metric } from '../content/prometheus-text.ts';
import { firmwareFigures } from './firmware-figures.ts';
import { EMPTY_RECORD, isTooBad, parseRecord, tallyOf, withRollout, withWord } from './rollout-record.ts';

export interface FirmwareDeskPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly shelf: FirmwareShelf;
  readonly check: IdentityCheck;
  readonly sha256: Sha256OfText;
  readonly household: Pick<Household, 'facts' | 'offerUpdate'>;
}

/** A release that is whole and signed, with how it goes. */
export interface ReleaseView {
  readonly manifest: UpdateManifest;
  /** Null: to nobody yet. */
  readonly rollout: Rollout | null;
  readonly good: number;
  readonly failed: number;
}

export interface SpeakerFirmwareView {
  readonly id: SpeakerId;
  readonly name: string;
  readonly isOnline: boolean;
  readonly running: string;
  /** Null: it has said nothing of updates. */
  readonly update: (Pick<UpdateReport, 'version' | 'stage' | 'reason'> & { readonly atMs: number }) | null;
}

interface Release extends ShelvedRelease {
  readonly read: UpdateManifest;
}

export class FirmwareDesk {
  readonly #ports: FirmwareDeskPorts;
  readonly #turns = createSerialLock();
  #record: RolloutRecord = EMPTY_RECORD;

  constructor(ports: FirmwareDeskPorts) {
    this.#ports = ports;
  }

  /** Reads how things stood. Rejects with what the shelf rejects with. */
  async start(): Promise<void> {
    this.#record = parseRecord(await this.#ports.shelf.recall());
  }

  async releases(): Promise<readonly ReleaseView[]> {
    const { releases } = await this.#read();
    return releases.map(({ read }) => {
      const { good, failed } = tallyOf(this.#record, read.version);
      return { manifest: read, rollout: this.#rolloutOf(read.version), good, failed };
    });
  }

  /** What each speaker runs, and what it said last. */
  speakers(): readonly SpeakerFirmwareView[] {
    const words = new Map(this.#record.words.map((word) => [word.speakerId, word]));
    return this.#ports.household.facts().speakers.map(({ id, name, isOnline, version }) => {
      const word = words.get(id);
      if (word === undefined) return { id, name, isOnline, running: version, update: null };
      const { atMs, report } = word;
      const update = { version: report.version, stage: report.stage, reason: report.reason, atMs };
      return { id, name, isOnline, running: report.running, update };
    });
  }

  /**
   * Offers a version to the first so many of a hundred speakers; again with more, or after a halt.
   * @returns `update.not-found`
   */
  async publish(version: string, toPercent: number): Promise<Result<void, TonearmError>> {
    const { releases } = await this.#read();
    if (!releases.some(({ read }) => read.version === version)) return refused(notFound(version));
    await this.#change((record) => withRollout(record, { version, percent: percent(toPercent), halted: null }));
    this.#ports.logger.info('firmware.published', { version, percent: toPercent });
    this.#ports.household.offerUpdate(version);
    return ok(undefined);
  }

  /** Nobody else gets it; who has it keeps it. @returns `update.not-found` where it was never published */
  async halt(version: string): Promise<Result<void, TonearmError>> {
    const rollout = this.#rolloutOf(version);
    if (rollout === null) return refused(notFound(version));
    await this.#change((record) => withRollout(record, { ...rollout, halted: 'by-hand' }));
    this.#ports.logger.warn('firmware.halted', { version, reason: 'by-hand' });
    return ok(undefined);
  }

  /** The newest that this speaker may have and does not; null: none. @param speakerId null where nobody says who it is */
  async offerFor(
    speakerId: SpeakerId | null,
    about: { readonly arch: Arch; readonly seq: number },
  ): Promise<UpdateOffer | null> {
    const { roots, releases } = await this.#read();
    const chosen = releases.find(
      ({ arch, seq, read }) => arch === about.arch && seq > about.seq && this.#isFor(speakerId, read),
    );
    if (chosen === undefined) return null;
    return { format: 1, roots: [...roots], manifest: chosen.manifest, stamp: chosen.stamp };
  }

  artifact(sha256: string): ReturnType<FirmwareShelf['artifact']> {
    return this.#ports.shelf.artifact(sha256);
  }

  blocks(sha256: string): Promise<string | null> {
    return this.#ports.shelf.blocks(sha256);
  }

  /** A speaker says how far it is. Too many that went back halt the version. */
  async report(speakerId: SpeakerId, report: UpdateReport): Promise<void> {
    const { clock, logger } = this.#ports;
    const { version, stage, reason } = report;
    logger.info('firmware.reported', { speakerId, version, stage, reason: reason ?? 'none' });
    await this.#change((record) => {
      const next = withWord(record, { speakerId, atMs: Math.max(0, Math.round(clock.wallMs())), report });
      const rollout = next.rollouts.find((each) => each.version === version);
      if (rollout === undefined || rollout.halted !== null || !isTooBad(tallyOf(next, version))) return next;
      logger.error('firmware.halted', { version, reason: 'too-many-failures', ...tallyOf(next, version) });
      return withRollout(next, { ...rollout, halted: 'too-many-failures' });
    });
  }

  metrics(): readonly Metric[] {
    return firmwareFigures(this.#record, this.speakers());
  }

  #isFor(speakerId: SpeakerId | null, { version, rollout: { seed } }: UpdateManifest): boolean {
    const rollout = this.#rolloutOf(version);
    if (rollout === null || rollout.halted !== null) return false;
    const word = this.#record.words.find((each) => each.speakerId === speakerId)?.report;
    if (word?.version === version && word.stage === 'rolled-back') return false;
    return cohortOf(this.#ports.sha256, seed, speakerId ?? '') < rollout.percent;
  }

  #rolloutOf(version: string): Rollout | null {
    return this.#record.rollouts.find((each) => each.version === version) ?? null;
  }

  /** One that is not signed is not offered; speakers would refuse it, each with an alarm. */
  async #read(): Promise<{ readonly roots: readonly SignedText[]; readonly releases: readonly Release[] }> {
    const { shelf, check, sha256, logger } = this.#ports;
    const { roots, releases } = await shelf.read();
    const [first] = roots;
    if (first === undefined) return { roots, releases: [] };
    const root = readFirstRoot(check, first);
    if (!root.ok) throw root.error;
    const whole = releases.flatMap((release) => {
      const { manifest, stamp } = release;
      const verified = verifyOffer(check, sha256, root.value, { format: 1, roots: [...roots], manifest, stamp });
      if (verified.ok) return [{ ...release, read: verified.value.manifest }];
      logger.warn('firmware.not-signed', { arch: release.arch, seq: release.seq, reason: verified.error.message });
      return [];
    });
    return { roots, releases: whole };
  }

  /** Kept before it counts; a disk that fails is said, and the rollout goes on from memory. */
  #change(of: (record: RolloutRecord) => RolloutRecord): Promise<void> {
    return this.#turns.run(async () => {
      this.#record = of(this.#record);
      await this.#ports.shelf.remember(JSON.stringify(this.#record)).catch((cause: unknown) => {
        this.#ports.logger.error('firmware.not-kept', { reason: toTonearmError(cause).message });
      });
    });
  }
}

function notFound(version: string): TonearmError {
  return new TonearmError('update.not-found', `there is no release ${version} here`, { field: 'version' });
}
