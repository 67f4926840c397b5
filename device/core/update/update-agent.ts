/**
 * Looks after updates while the speaker plays: the driver of `update-machine.ts`, the only place where its effects are
 * performed, through ports only. It never throws into the speaker: what goes wrong ends an update, not the music.
 */
import type { OtaRecord, SlotName, SlotStore } from '#device/core/ports/slot-store';
import type { SpeakerSigns } from '#device/core/ports/speaker-signs';
import type { UpdateSource } from '#device/core/ports/update-source';
import type { Clock, Timer } from '#protocol/ports/clock';
import type { IdentityCheck } from '#protocol/ports/identity';
import type { Logger } from '#protocol/ports/logger';
import type { Random } from '#protocol/ports/random';
import { TonearmError, toTonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { ms } from '#protocol/vocabulary/units';
import type { SlotVersion, UpdateManifest, UpdateReport, UpdateRoot } from '#protocol/wire/update';
import type { TrustedState } from '#protocol/wire/update-records';
import { fetchCandidate, type Hashing } from './fetch-candidate.ts';
import { judgeOffer, type Machine } from './judge-offer.ts';
import { FIRST_RECORD, freeSlot, settledRecord, withBad } from './ota-text.ts';
import { type TrialWatch, watchTrial } from './trial-watch.ts';
import { readTrust } from './trusted-state.ts';
import { FETCHES_MAX, transition, type UpdateEffect, type UpdateInput, type UpdateState } from './update-machine.ts';
import type { UpdateWindow } from './update-window.ts';

/** Starts that a new version has to show that it works. */
export const TRIES = 3;

export interface UpdatePorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly slots: SlotStore;
  readonly source: UpdateSource;
  readonly hashing: Hashing;
  readonly check: IdentityCheck;
  readonly signs: SpeakerSigns;
  /** Runs what is in the slot as a child; false when it does not end well in time. Never rejects. */
  readonly selfTest: (slot: SlotName) => Promise<boolean>;
  /** Ends this process; whoever keeps it running starts the next. */
  readonly restart: () => void;
  /** Hears of each change of its state; for a light, say. */
  readonly stateChanged?: (state: UpdateState['kind']) => void;
}

export interface UpdateOptions {
  readonly machine: Machine;
  /** What the package says runs where no slot does. */
  readonly running: SlotVersion;
  /** Of the package: what is older than that does not start. */
  readonly factorySeq: number;
  /** As the package brings it. */
  readonly root: UpdateRoot;
  /** When it may be changed over, where somebody has said so. */
  readonly window: UpdateWindow | null;
}

export interface UpdateAgent {
  /** Resolves when it knows whether it is on trial. Twice is harmless. */
  start(): Promise<void>;
  /** No timer is left, and nothing more is begun. Unstarted is harmless. */
  stop(): void;
  /** Somebody said that there is something to look at. */
  offered(): void;
  /** The bridge hears what could not be told before. */
  bridgeReady(): void;
  /**
   * Takes a version that a person has brought, with the same checks; nobody is asked whose turn it is. Resolves when it
   * is ready and only waits for silence, else refuses with why: `session.busy` while another is under way.
   * @param mayBeOlder that person wants an older one than was seen: down to the package's own
   */
  bring(source: UpdateSource, mayBeOlder: boolean): Promise<Result<{ readonly version: string }, TonearmError>>;
  state(): UpdateState;
}

export function createUpdateAgent(ports: UpdatePorts, options: UpdateOptions): UpdateAgent {
  return new Agent(ports, options);
}

interface Brought {
  readonly source: UpdateSource;
  readonly mayBeOlder: boolean;
  readonly settle: (outcome: Result<{ readonly version: string }, TonearmError>) => void;
  /** What went wrong last. */
  error: TonearmError;
}

class Agent implements UpdateAgent {
  readonly #ports: UpdatePorts;
  readonly #options: UpdateOptions;
  #state: UpdateState = { kind: 'idle' };
  #phase: 'new' | 'running' | 'over' = 'new';
  #timer: Timer | null = null;
  #trialWatch: TrialWatch | null = null;
  #trust: TrustedState;
  #record: OtaRecord = FIRST_RECORD;
  #pendingReport: UpdateReport | null = null;
  #hasBridge = false;
  /** The manifest of the bridge that is followed, as it was signed; null: it was brought. */
  #followed: string | null = null;
  /** Set while a version that was brought is looked at and fetched. */
  #brought: Brought | null = null;

  constructor(ports: UpdatePorts, options: UpdateOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#trust = readTrust(null, options.root, options.running.seq);
  }

  state(): UpdateState {
    return this.#state;
  }

  async start(): Promise<void> {
    if (this.#phase !== 'new') return;
    this.#phase = 'running';
    const { slots, logger } = this.#ports;
    let isOnTrial = false;
    try {
      const { slot } = await slots.running();
      this.#record = (await slots.readRecord()) ?? FIRST_RECORD;
      this.#trust = readTrust(await slots.readTrust(), this.#options.root, this.#options.running.seq);
      isOnTrial = this.#record.pending !== 'none' && this.#record.pending === slot;
      if (!isOnTrial) {
        const settled = settledRecord(this.#record, slot);
        if (settled !== this.#record) await this.#write(settled);
        await this.#settleTrial();
      }
    } catch (thrown) {
      logger.error('update.unreadable', { reason: toTonearmError(thrown).message });
    }
    this.#apply({ kind: 'started', isOnTrial, fraction: this.#ports.random.fraction() });
  }

  stop(): void {
    this.#phase = 'over';
    this.#timer?.cancel();
    this.#trialWatch?.stop();
  }

  offered(): void {
    this.#apply({ kind: 'offered', fraction: this.#ports.random.fraction() });
  }

  bridgeReady(): void {
    this.#hasBridge = true;
    if (this.#pendingReport !== null) this.#ports.source.report(this.#pendingReport);
    this.#pendingReport = null;
  }

  bring(source: UpdateSource, mayBeOlder: boolean): Promise<Result<{ readonly version: string }, TonearmError>> {
    if (this.#state.kind !== 'idle' || this.#phase !== 'running') {
      return Promise.resolve(refused(new TonearmError('session.busy', `an update is under way (${this.#state.kind})`)));
    }
    return new Promise((resolve) => {
      const error = new TonearmError('update.not-found', 'this is what runs already');
      this.#brought = { source, mayBeOlder, settle: resolve, error };
      this.#apply({ kind: 'timerFired' });
    });
  }

  /** It is ready, or nothing came of it. */
  #settleBrought(): void {
    const brought = this.#brought;
    if (brought === null || (this.#state.kind !== 'waiting' && this.#state.kind !== 'idle')) return;
    this.#brought = null;
    brought.settle(
      this.#state.kind === 'waiting' ? ok({ version: this.#state.manifest.version }) : refused(brought.error),
    );
  }

  #apply(input: UpdateInput): void {
    if (this.#phase !== 'running') return;
    const { state, effects } = transition(this.#state, input);
    if (state.kind !== this.#state.kind) {
      this.#ports.logger.info('update.state', { state: state.kind });
      this.#ports.stateChanged?.(state.kind);
    }
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
    this.#settleBrought();
  }

  #perform(effect: UpdateEffect): void {
    switch (effect.kind) {
      case 'armTimer':
        this.#arm(effect.delayMs, () => this.#apply({ kind: 'timerFired' }));
        return;
      case 'report':
        this.#report(effect.manifest, effect.stage, effect.error);
        return;
      case 'restart':
        this.#ports.restart();
        return;
      case 'listen':
        this.#listen();
        return;
      case 'watchTrial':
        this.#watchTrial();
        return;
      default:
        void this.#performSlowly(effect);
    }
  }

  #listen(): void {
    const { signs } = this.#ports;
    const { window } = this.#options;
    this.#apply({ kind: 'listened', isSilent: signs.isSilent(), minute: signs.minute(), window });
  }

  /** What takes its time; a failure of the disk is an answer too. */
  async #performSlowly(
    effect: Extract<UpdateEffect, { kind: 'ask' | 'fetch' | 'test' | 'switch' | 'markBad' | 'confirm' }>,
  ): Promise<void> {
    try {
      if (effect.kind === 'ask') this.#apply(await this.#ask());
      else if (effect.kind === 'fetch') this.#apply(await this.#fetch(effect.manifest, effect.failures));
      else if (effect.kind === 'test') await this.#test(effect.manifest);
      else if (effect.kind === 'switch') await this.#switch(effect.manifest);
      else if (effect.kind === 'markBad') await this.#markBad(effect.manifest);
      else await this.#confirm();
    } catch (thrown) {
      const error = toTonearmError(thrown, 'storage.failed');
      this.#ports.logger.warn('update.step-failed', { step: effect.kind, code: error.code, reason: error.message });
      if (effect.kind === 'ask') this.#apply({ kind: 'askFailed' });
      else if (effect.kind === 'fetch') this.#apply({ kind: 'fetchFailed', error });
      else if (effect.kind === 'test') this.#apply({ kind: 'tested', isWorking: false });
      else if (effect.kind === 'switch') this.#apply({ kind: 'switchFailed', error });
      else if (effect.kind === 'confirm') this.#apply({ kind: 'confirmFailed' });
    }
  }

  async #ask(): Promise<UpdateInput> {
    const { logger, slots, clock } = this.#ports;
    const { machine, running } = this.#options;
    const source = this.#brought?.source ?? this.#ports.source;
    const offer = await source.offer({ arch: machine.arch, version: running.version, seq: running.seq });
    if (!offer.ok) {
      logger.info('update.not-asked', { code: offer.error.code, reason: offer.error.message });
      return { kind: 'askFailed' };
    }
    if (offer.value === null) return { kind: 'nothingOffered' };
    this.#followed = this.#brought === null ? offer.value.manifest.text : null;
    const { bad } = this.#record;
    const moment = {
      running,
      wallMs: clock.wallMs(),
      freeBytes: await slots.freeBytes(),
      bad,
      isStaged: this.#brought === null,
      oldestSeq: this.#brought?.mayBeOlder === true ? this.#options.factorySeq : null,
    };
    const checks = { check: this.#ports.check, sha256: (text: string) => this.#ports.hashing.ofText(text) };
    const verdict = judgeOffer(checks, offer.value, this.#trust, machine, moment);
    if (this.#brought !== null && verdict.kind === 'refused') this.#brought.error = verdict.error;
    await this.#remember(verdict.trusted);
    if (verdict.kind === 'refused') {
      logger.warn('update.refused', { code: verdict.error.code, reason: verdict.error.message });
    }
    const { failures } = this.#trust;
    const isSame = verdict.kind === 'accepted' && failures.sha256 === verdict.manifest.artifact.sha256;
    // A person waits for what was brought: it is tried once.
    if (this.#brought !== null) return { kind: 'judged', verdict, failures: FETCHES_MAX - 1 };
    return { kind: 'judged', verdict, failures: isSame ? failures.count : 0 };
  }

  async #fetch(manifest: UpdateManifest, failures: number): Promise<UpdateInput> {
    const { slots, hashing, logger } = this.#ports;
    const source = this.#brought?.source ?? this.#ports.source;
    const isOver = () => this.#phase !== 'running';
    const slot = freeSlot(this.#record);
    const outcome = await fetchCandidate({ slots, source, hashing, isOver }, slot, manifest);
    if (outcome.ok) {
      logger.info('update.fetched', { version: manifest.version, ...outcome.value });
      return { kind: 'fetched' };
    }
    const { code, message } = outcome.error;
    if (this.#brought !== null) this.#brought.error = outcome.error;
    logger.warn('update.not-fetched', { version: manifest.version, code, reason: message });
    await this.#remember({ ...this.#trust, failures: { sha256: manifest.artifact.sha256, count: failures + 1 } });
    return { kind: 'fetchFailed', error: outcome.error };
  }

  async #test(manifest: UpdateManifest): Promise<void> {
    const isWorking = await this.#ports.selfTest(freeSlot(this.#record));
    if (!isWorking) this.#ports.logger.warn('update.self-test-failed', { version: manifest.version });
    this.#apply({ kind: 'tested', isWorking });
  }

  async #markBad(manifest: UpdateManifest): Promise<void> {
    const error = new TonearmError('update.self-test-failed', `${manifest.version} does not work on this machine`);
    if (this.#brought !== null) this.#brought.error = error;
    this.#report(manifest, 'failed', error);
    const slot = freeSlot(this.#record);
    await this.#write(withBad(this.#record, manifest.artifact.sha256));
    await this.#ports.slots.discard(slot);
  }

  /** What it will be judged by is on the disk before it can start. */
  async #switch(manifest: UpdateManifest): Promise<void> {
    const { signs } = this.#ports;
    const { version, seq, artifact } = manifest;
    if (await this.#isWithdrawn()) throw new TonearmError('update.held-back', 'it is not offered any more');
    const before = { hadSink: signs.hasSink(), hadBridge: signs.hasBridge() };
    await this.#remember({ ...this.#trust, trial: { version, seq, sha256: artifact.sha256, ...before } });
    const pending = freeSlot(this.#record);
    await this.#write({ ...this.#record, pending, tries: TRIES, candidate: artifact.sha256, outcome: 'trying' });
    this.#apply({ kind: 'switched' });
  }

  /** Days may have passed since it was offered, and the rollout may have been halted. A bridge that is away says nothing. */
  async #isWithdrawn(): Promise<boolean> {
    if (this.#followed === null) return false;
    const { machine, running } = this.#options;
    const offer = await this.#ports.source.offer({ arch: machine.arch, version: running.version, seq: running.seq });
    return offer.ok && offer.value?.manifest.text !== this.#followed;
  }

  #watchTrial(): void {
    const { hadSink = true, hadBridge = true } = this.#trust.trial ?? {};
    this.#trialWatch?.stop();
    this.#trialWatch = watchTrial(this.#ports, { hadSink, hadBridge }, (judgement) =>
      this.#apply({ kind: 'trialJudged', judgement }),
    );
  }

  async #confirm(): Promise<void> {
    const { pending } = this.#record;
    if (pending === 'none') return;
    await this.#write({ ...this.#record, good: pending, pending: 'none', tries: 0, outcome: 'good' });
    await this.#settleTrial();
  }

  /** Says what came of the version that was switched to last. */
  async #settleTrial(): Promise<void> {
    const { trial } = this.#trust;
    if (trial === null) return;
    const { outcome, candidate, bad } = this.#record;
    if (candidate === trial.sha256 && outcome === 'good') this.#tell(trial, 'good', null);
    else if (bad.includes(trial.sha256)) {
      this.#ports.logger.warn('update.rolled-back', { version: trial.version });
      this.#tell(trial, 'rolled-back', 'update.trial-failed');
    }
    await this.#remember({ ...this.#trust, trial: null });
  }

  #report({ version, seq }: UpdateManifest, stage: UpdateReport['stage'], error: TonearmError | null): void {
    this.#tell({ version, seq }, stage, error?.code ?? null);
  }

  #tell({ version, seq }: { version: string; seq: number }, stage: UpdateReport['stage'], reason: string | null): void {
    const report: UpdateReport = { running: this.#options.running.version, version, seq, stage, reason };
    if (this.#hasBridge) this.#ports.source.report(report);
    else this.#pendingReport = report;
  }

  async #write(record: OtaRecord): Promise<void> {
    await this.#ports.slots.writeRecord(record);
    this.#record = record;
  }

  async #remember(trust: TrustedState): Promise<void> {
    if (JSON.stringify(trust) === JSON.stringify(this.#trust)) return;
    await this.#ports.slots.writeTrust(JSON.stringify(trust));
    this.#trust = trust;
  }

  #arm(delayMs: number, fire: () => void): void {
    this.#timer?.cancel();
    if (this.#phase === 'running') this.#timer = this.#ports.clock.setTimer('update', ms(delayMs), fire);
  }
}
