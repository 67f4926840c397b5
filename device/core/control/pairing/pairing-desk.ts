/**
 * Where a speaker lets itself be paired: opens the window and shows its code, answers the three questions of a bridge, and
 * keeps what comes of it. The rules are in `pairing-state.ts`; this performs them.
 *
 * A question about an attempt that there is not gets the very work and answer that a wrong code gets.
 */
import type { OwnershipStore } from '#device/core/ports/ownership-store';
import type { PairingMemory } from '#device/core/ports/pairing-memory';
import { base64url } from '#protocol/kit/base64url';
import { createSerialLock } from '#protocol/kit/serial-lock';
import type { Clock, Timer } from '#protocol/ports/clock';
import type { Identity, IdentityCheck } from '#protocol/ports/identity';
import type { Logger } from '#protocol/ports/logger';
import type { PairingCipher } from '#protocol/ports/pairing-cipher';
import type { Random } from '#protocol/ports/random';
import type { TonearmError } from '#protocol/vocabulary/errors';
import { type BridgeId, bridgeId, type SpeakerId } from '#protocol/vocabulary/ids';
import { type Result, refused } from '#protocol/vocabulary/result';
import { ms } from '#protocol/vocabulary/units';
import {
  groupPairingCode,
  linkProof,
  PAIRING_VERSION,
  type PairingBegun,
  type PairingBridge,
  type PairingConfirmed,
  type PairingFinished,
  type PairingLink,
  pairingBeginSchema,
  pairingConfirmSchema,
  pairingFinishSchema,
  pairingHouseSchema,
  pairingTokenSchema,
} from '#protocol/wire/pairing';
import { parseValue } from '#protocol/wire/schema';
import { CodeCheck } from './code-check.ts';
import { bytesOf, drawCode, drawSalt, notConvinced, readBridge } from './pairing-exchange.ts';
import {
  beginAttempt,
  endAttempt,
  expire,
  FAILURES_MAX,
  openWindow,
  type PairingState,
  refusalOf,
  spendAttempt,
  statusOf,
  WINDOW_MS,
} from './pairing-state.ts';

const ATTEMPT_ID_LENGTH = 22;
const US_PER_MS = 1_000;
const MS_PER_MINUTE = 60_000;

export interface PairingDeskPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly memory: PairingMemory;
  readonly ownership: OwnershipStore;
  readonly check: Pick<IdentityCheck, 'idOfPublicKey'>;
  /** Loaded when somebody pairs, and not before. */
  readonly loadCipher: () => Promise<PairingCipher>;
}

export interface PairingSelf extends Identity {
  readonly id: SpeakerId;
  /** What people call it now. */
  readonly name: () => string;
}

export interface PairingListener {
  /** Says the code aloud: nine digits. */
  speak(code: string): void;
  /** There is an owner now, in the store. */
  paired(): void;
}

type Answer<Body> = Promise<Result<Body, TonearmError>>;

/** The requests of a door, unparsed; each is answered after those before it. */
export interface PairingQuestions {
  /** @param from where it comes from: an address may not begin as often as all together */
  begin(body: unknown, from: string): Answer<PairingBegun>;
  confirm(body: unknown): Answer<PairingConfirmed>;
  finish(body: unknown): Answer<PairingFinished>;
}

export class PairingDesk implements PairingQuestions {
  readonly #ports: PairingDeskPorts;
  readonly #self: PairingSelf;
  readonly #listener: PairingListener;
  readonly #lock = createSerialLock();
  #state: PairingState = { kind: 'closed', failures: 0 };
  #timer: Timer | null = null;
  readonly #codes: CodeCheck;
  /** The last good ending, for a bridge that did not get its answer. */
  #receipt: {
    readonly attempt: string;
    readonly confirmation: string;
    readonly answer: PairingFinished;
    readonly untilUs: number;
  } | null = null;

  constructor(ports: PairingDeskPorts, self: PairingSelf, listener: PairingListener) {
    this.#ports = ports;
    this.#self = self;
    this.#listener = listener;
    this.#codes = new CodeCheck(self.id, ports.loadCipher);
  }

  /**
   * Finds out whose it is and how often it was tried; again, when that has changed. A record that cannot be read counts as
   * an owner, a count that cannot be read as too many.
   * @param isOpening opens the window when it is nobody's
   */
  async start(isOpening: boolean): Promise<void> {
    await this.#lock.run(async () => {
      this.#receipt = null;
      await this.#become(await readStored(this.#ports));
    });
    if (isOpening && this.#state.kind === 'closed') await this.open(false);
  }

  /** No timer is left; the label is taken away. */
  async stop(): Promise<void> {
    await this.#lock.run(async () => {
      if (this.#state.kind === 'open') await this.#become({ kind: 'closed', failures: this.#state.failures });
    });
  }

  status(): 'open' | 'closed' | 'owned' {
    return statusOf(expire(this.#state, this.#ports.clock.nowUs()));
  }

  /**
   * Opens the window anew, with a new code.
   * @param isByPerson by somebody at the speaker, who may also unlock it
   * @returns the code
   */
  open(isByPerson: boolean): Promise<Result<string, TonearmError>> {
    return this.#lock.run(async () => {
      const { clock, random, memory, logger } = this.#ports;
      const untilUs = clock.nowUs() + WINDOW_MS * US_PER_MS;
      const window = { code: drawCode(random), salt: drawSalt(random), untilUs };
      const opened = openWindow(this.#state, window, isByPerson);
      if (!opened.ok) {
        logger.warn('pairing.not-opened', { code: opened.error.code, reason: opened.error.message });
        return opened;
      }
      if (isByPerson) await memory.saveFailures(0);
      await this.#become(opened.value);
      const shown = groupPairingCode(window.code);
      // A line of its own, since it is meant for whoever can read the speaker's log.
      logger.info('pairing.code', { code: shown, minutes: WINDOW_MS / MS_PER_MINUTE });
      await memory.writeLabel(`${shown}\n`).catch((cause: unknown) => {
        logger.warn('pairing.no-label', { reason: String(cause) });
      });
      this.#listener.speak(window.code);
      return { ok: true, value: window.code };
    });
  }

  begin(body: unknown, from: string): Answer<PairingBegun> {
    const parsed = parseValue(pairingBeginSchema, body, 'the body of begin');
    if (!parsed.ok) return Promise.resolve(parsed);
    return this.#lock.run(async () => {
      const nowUs = this.#ports.clock.nowUs();
      const id = this.#ports.random.token(ATTEMPT_ID_LENGTH);
      const { bridgeId } = parsed.value;
      const begun = beginAttempt(expire(this.#state, nowUs), { id, bridgeId, from }, nowUs);
      if (!begun.ok) {
        if (this.#state.kind === 'open' && begun.error.code === 'pairing.locked') {
          this.#ports.logger.warn('pairing.address-locked', { from });
        }
        return begun;
      }
      await this.#become(begun.value);
      if (begun.value.kind !== 'open') throw new Error('an attempt is begun in an open window');
      // Now, so that the answer to confirm takes as long for every attempt.
      await this.#codes.prepare(begun.value.window);
      const salt = base64url(begun.value.window.salt);
      return { ok: true, value: { pairing: PAIRING_VERSION, attempt: id, speakerId: this.#self.id, salt } };
    });
  }

  confirm(body: unknown): Answer<PairingConfirmed> {
    const parsed = parseValue(pairingConfirmSchema, body, 'the body of confirm');
    if (!parsed.ok) return Promise.resolve(parsed);
    return this.#lock.run(async () => {
      const { attempt, share } = parsed.value;
      await this.#become(expire(this.#state, this.#ports.clock.nowUs()));
      const known = this.#state.kind === 'open' ? this.#state.attempt : null;
      const isKnown = known?.id === attempt && known.kind === 'begun';
      const verified = await this.#codes.verify(isKnown ? known : null, bytesOf(share));
      if (!verified.ok) return verified;
      const spent = spendAttempt(this.#state, attempt, verified.value);
      if (spent?.kind === 'open') {
        await this.#ports.memory.saveFailures(spent.failures);
        await this.#become(spent);
      }
      const { share: answer, confirmation } = verified.value;
      return { ok: true, value: { share: base64url(answer), confirmation: base64url(confirmation) } };
    });
  }

  finish(body: unknown): Answer<PairingFinished> {
    const parsed = parseValue(pairingFinishSchema, body, 'the body of finish');
    if (!parsed.ok) return Promise.resolve(parsed);
    return this.#lock.run(async () => {
      const { attempt, confirmation, sealed } = parsed.value;
      if (this.#ports.clock.nowUs() >= (this.#receipt?.untilUs ?? 0)) this.#receipt = null;
      const receipt = this.#receipt;
      if (receipt?.attempt === attempt && receipt.confirmation === confirmation)
        return { ok: true, value: receipt.answer };
      await this.#become(expire(this.#state, this.#ports.clock.nowUs()));
      const state = this.#state;
      const spent = state.kind === 'open' && state.attempt?.id === attempt ? state.attempt : null;
      if (spent?.kind !== 'spent') return refused(notConvinced());
      const key = spent.verifying.finish(bytesOf(confirmation));
      const cipher = await this.#ports.loadCipher();
      const told =
        key === null
          ? null
          : readBridge(cipher.open(key, 'bridge', bytesOf(sealed)), spent.bridgeId, this.#ports.check);
      if (key === null || told === null) {
        await this.#become(endAttempt(state));
        this.#ports.logger.warn('pairing.failed', { failures: state.kind === 'open' ? state.failures : 0 });
        return refused(notConvinced());
      }
      await this.#keep(told, spent.bridgeId);
      const speaker = JSON.stringify({ publicKey: base64url(this.#self.publicKey), name: this.#self.name() });
      const answer = { sealed: base64url(cipher.seal(key, 'speaker', speaker)) };
      this.#receipt = { attempt, confirmation, answer, untilUs: spent.untilUs };
      this.#listener.paired();
      return { ok: true, value: answer };
    });
  }

  /** What it is called, for whoever is asked to take it in. Refused with `pairing.owned`. */
  introduce(): Result<{ readonly name: string; readonly id: SpeakerId }, TonearmError> {
    if (this.#state.kind === 'owned') return refused(refusalOf(this.#state));
    return { ok: true, value: { name: this.#self.name(), id: this.#self.id } };
  }

  /** That its key is its own, to a bridge that let it in by a link. Refused with `pairing.owned`. */
  async prove(body: unknown): Answer<PairingLink> {
    const parsed = parseValue(pairingTokenSchema, body, 'the token');
    if (!parsed.ok) return parsed;
    if (this.#state.kind === 'owned') return refused(refusalOf(this.#state));
    const { token } = parsed.value;
    const { id, publicKey, name } = this.#self;
    const signature = base64url(this.#self.sign(linkProof(token, id)));
    return { ok: true, value: { publicKey: base64url(publicKey), name: name(), signature } };
  }

  /** Belongs to the house that took it in by a link. Only for who can read the speaker's folder. */
  adopt(body: unknown): Answer<{ readonly bridgeId: string }> {
    const parsed = parseValue(pairingHouseSchema, body, 'the house');
    if (!parsed.ok) return Promise.resolve(parsed);
    return this.#lock.run(async () => {
      const { bridgeId: id, ...told } = parsed.value;
      if (this.#state.kind === 'owned') return refused(refusalOf(this.#state));
      if (this.#ports.check.idOfPublicKey(bytesOf(told.publicKey)) !== id) return refused(notConvinced());
      await this.#keep(told, id);
      this.#listener.paired();
      return { ok: true, value: { bridgeId: id } };
    });
  }

  async #keep(told: PairingBridge, bridge: string): Promise<void> {
    const id: BridgeId = bridgeId(bridge);
    const { clock, ownership, memory, logger } = this.#ports;
    await ownership.save({
      householdId: told.householdId,
      bridgeId: id,
      bridgePublicKey: bytesOf(told.publicKey),
      tlsPin: bytesOf(told.tlsPin),
      addresses: told.addresses,
      pairedAtMs: clock.wallMs(),
    });
    await this.#become({ kind: 'owned' });
    await memory.saveFailures(0).catch(() => undefined);
    logger.info('pairing.paired', { bridge: id, household: told.householdId });
  }

  /** Takes a state, with its timer and without what the old one showed. */
  async #become(next: PairingState): Promise<void> {
    const wasOpen = this.#state.kind === 'open';
    this.#state = next;
    this.#timer?.cancel();
    this.#timer = null;
    if (next.kind === 'open') {
      const left = Math.max(0, next.window.untilUs - this.#ports.clock.nowUs());
      this.#timer = this.#ports.clock.setTimer('pairing.window', ms(left / US_PER_MS), () => this.#closeInTime());
      return;
    }
    this.#codes.forget();
    if (!wasOpen) return;
    this.#ports.logger.info('pairing.over', { status: next.kind });
    await this.#ports.memory.writeLabel(null).catch(() => undefined);
  }

  #closeInTime(): void {
    void this.#lock.run(() => this.#become(expire(this.#state, this.#ports.clock.nowUs())));
  }
}

/** As the disk has it: what cannot be read is not in favour of whoever asks. */
async function readStored({ ownership, memory, logger }: PairingDeskPorts): Promise<PairingState> {
  const unreadable = (cause: unknown): null => {
    logger.error('pairing.unreadable', { reason: String(cause) });
    return null;
  };
  const isOwned = await ownership.load().then((owner) => owner !== null, unreadable);
  if (isOwned !== false) return { kind: 'owned' };
  const failures = await memory.failures().catch(unreadable);
  return { kind: 'closed', failures: failures ?? FAILURES_MAX };
}
