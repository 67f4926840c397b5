/**
 * Whether an update is taken: a pure policy over what was offered, what is trusted and what the machine is. The checks are
 * in the order of spec 16.5; the first that fails is the answer, and each has a code of its own.
 */
import { cohortOf } from '#protocol/kit/cohort';
import { type Sha256OfText, type VerifiedOffer, verifyOffer } from '#protocol/kit/update-trust';
import type { IdentityCheck } from '#protocol/ports/identity';
import { type ErrorCode, TonearmError } from '#protocol/vocabulary/errors';
import type { Arch, SlotVersion, UpdateManifest, UpdateOffer } from '#protocol/wire/update';
import type { TrustedState } from '#protocol/wire/update-records';

/** A clock that is behind a signed time by less than this is only slow. */
const CLOCK_SLACK_MS = 24 * 3_600_000;

/** What the speaker runs on. */
export interface Machine {
  readonly id: string;
  readonly arch: Arch;
  /** Names of the board, as its device tree has them; empty where it has none. */
  readonly hardware: readonly string[];
  readonly channel: string;
  /** `2.36`; null where the C library is another. */
  readonly glibc: string | null;
  /** Of what the package owns. */
  readonly base: number;
}

/** What is so when an offer is judged. */
export interface Moment {
  readonly running: SlotVersion;
  /** Milliseconds since 1970, as the machine believes. */
  readonly wallMs: number;
  readonly freeBytes: number;
  /** Hashes of what has failed here. */
  readonly bad: readonly string[];
  /** Whether it is asked who may have it already; false for a file that a person has brought. */
  readonly isStaged: boolean;
  /** The least number that is taken, as a person at the machine allows it; null: the highest that was seen. */
  readonly oldestSeq: number | null;
}

/** What is checked with. */
export interface Checks {
  readonly check: IdentityCheck;
  readonly sha256: Sha256OfText;
}

/** `trusted`: what is to be stored before anything is done. `manifest` is null where nobody has signed one. */
export type Verdict =
  | { readonly kind: 'accepted'; readonly manifest: UpdateManifest; readonly trusted: TrustedState }
  | { readonly kind: 'current'; readonly trusted: TrustedState }
  | {
      readonly kind: 'refused';
      readonly error: TonearmError;
      readonly manifest: UpdateManifest | null;
      readonly trusted: TrustedState;
    };

/** @param trusted as it was stored */
export function judgeOffer(
  { check, sha256 }: Checks,
  offer: UpdateOffer,
  trusted: TrustedState,
  machine: Machine,
  moment: Moment,
): Verdict {
  const verified = verifyOffer(check, sha256, trusted.root, offer);
  if (!verified.ok) return { kind: 'refused', error: verified.error, manifest: null, trusted };
  const { manifest } = verified.value;
  const next = learnFrom(verified.value, trusted);
  const misfit = misfitOf(manifest, machine);
  if (misfit !== null)
    return { kind: 'refused', error: misfit, manifest, trusted: { ...next, highestSeq: trusted.highestSeq } };
  const error =
    sequenceFault(manifest, trusted, moment) ??
    dateFault(verified.value, next, moment) ??
    badFault(manifest, moment) ??
    systemFault(manifest, machine, moment) ??
    rolloutFault(manifest, machine, moment, sha256);
  if (error?.code === 'update.old-sequence') return { kind: 'refused', error, manifest, trusted: next };
  if (manifest.artifact.sha256 === moment.running.sha256) return { kind: 'current', trusted: next };
  if (error !== null) return { kind: 'refused', error, manifest, trusted: next };
  return { kind: 'accepted', manifest, trusted: next };
}

function learnFrom({ root, manifest, stamp }: VerifiedOffer, trusted: TrustedState): TrustedState {
  const floorMs = Math.max(trusted.floorMs, root.createdMs, manifest.createdMs, stamp?.createdMs ?? 0);
  return { ...trusted, root, floorMs, highestSeq: Math.max(trusted.highestSeq, manifest.seq) };
}

function misfitOf(manifest: UpdateManifest, machine: Machine): TonearmError | null {
  if (manifest.arch !== machine.arch)
    return fault('wrong-board', 'arch', `is for ${manifest.arch}, this is ${machine.arch}`);
  if (manifest.channel !== machine.channel)
    return fault('wrong-board', 'channel', `is of the channel ${manifest.channel}`);
  const { hardware } = manifest;
  if (hardware.length === 0 || hardware.some((name) => machine.hardware.includes(name))) return null;
  const own = machine.hardware[0] ?? 'a board without a name';
  return fault('wrong-board', 'hardware', `is for ${hardware.join(', ')}, this is ${own}`);
}

function sequenceFault(
  { seq }: UpdateManifest,
  { highestSeq }: TrustedState,
  { oldestSeq }: Moment,
): TonearmError | null {
  if (oldestSeq !== null)
    return seq < oldestSeq ? fault('old-sequence', 'seq', `is ${seq}, and the installed package ${oldestSeq}`) : null;
  return seq < highestSeq ? fault('old-sequence', 'seq', `is ${seq}, and ${highestSeq} was seen already`) : null;
}

function dateFault(
  { manifest, stamp }: VerifiedOffer,
  { floorMs }: TrustedState,
  { wallMs }: Moment,
): TonearmError | null {
  if (wallMs < floorMs - CLOCK_SLACK_MS)
    return fault('clock-unset', 'createdMs', 'was signed later than this machine believes it is');
  const freshUntilMs = Math.max(manifest.expiresMs, stamp?.expiresMs ?? 0);
  // The floor counts too: setting the clock back makes nothing fresh again.
  return Math.max(wallMs, floorMs) >= freshUntilMs ? fault('expired', 'expiresMs', 'was not made fresh in time') : null;
}

function badFault({ artifact }: UpdateManifest, { bad }: Moment): TonearmError | null {
  return bad.includes(artifact.sha256) ? fault('marked-bad', 'artifact', 'has failed on this speaker') : null;
}

function systemFault(
  { requires, minSeq, artifact }: UpdateManifest,
  machine: Machine,
  { running, freeBytes }: Moment,
): TonearmError | null {
  if (running.seq < minSeq) return fault('system-too-old', 'minSeq', `wants ${minSeq} first, this is ${running.seq}`);
  if (machine.base < requires.base) return fault('system-too-old', 'requires.base', `wants package ${requires.base}`);
  if (machine.glibc === null || !isAtLeast(machine.glibc, requires.glibc)) {
    return fault(
      'system-too-old',
      'requires.glibc',
      `wants glibc ${requires.glibc}, here is ${machine.glibc ?? 'none'}`,
    );
  }
  const neededBytes = artifact.sizeBytes + requires.freeBytes;
  if (freeBytes < neededBytes)
    return fault('no-space', 'artifact.sizeBytes', `wants ${neededBytes} bytes, free are ${freeBytes}`);
  return null;
}

function rolloutFault(
  { rollout }: UpdateManifest,
  { id }: Machine,
  { isStaged }: Moment,
  sha256: Sha256OfText,
): TonearmError | null {
  if (!isStaged || cohortOf(sha256, rollout.seed, id) < rollout.percent) return null;
  return fault('held-back', 'rollout', `goes to ${rollout.percent} of a hundred speakers so far`);
}

/** Of versions of two numbers. */
function isAtLeast(has: string, wants: string): boolean {
  const [hasMajor = 0, hasMinor = 0] = has.split('.').map(Number);
  const [wantsMajor = 0, wantsMinor = 0] = wants.split('.').map(Number);
  return hasMajor > wantsMajor || (hasMajor === wantsMajor && hasMinor >= wantsMinor);
}

type UpdateProblem = Extract<ErrorCode, `update.${string}`> extends `update.${infer Problem}` ? Problem : never;

function fault(problem: UpdateProblem, field: string, why: string): TonearmError {
  return new TonearmError(`update.${problem}`, `the update ${why}`, { field });
}
