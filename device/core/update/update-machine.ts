/**
 * An update from the first question to the restart, as a pure machine: `transition(state, input)` gives the next state and
 * what is to be done, as data; `update-agent.ts` does it. What answers too late carries the turn of another state, and is
 * passed over there.
 */
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { UpdateManifest, UpdateReport } from '#protocol/wire/update';
import type { Verdict } from './judge-offer.ts';
import { isTimeToSwitch } from './switch-time.ts';
import type { UpdateWindow } from './update-window.ts';

/** Releases come a few times a year; what is urgent is told. */
export const CHECK_EVERY_MS = 6 * 3_600_000;
/** After nobody could be asked: a bridge that was off for a while is back. */
export const ASK_AGAIN_MS = 900_000;
/** Speakers that are told at once do not ask at once. */
export const CHECK_WITHIN_MS = 60_000;
/** Fetches of one artifact that may fail before it is left until the next regular question. */
export const FETCHES_MAX = 5;
/** First wait after a failed fetch; it doubles. */
export const RETRY_BASE_MS = 60_000;
/** How often silence is looked for. */
export const SILENCE_EVERY_MS = 10_000;

export type UpdateState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'checking' }
  | { readonly kind: 'fetching'; readonly manifest: UpdateManifest; readonly failures: number }
  /** Between two fetches. */
  | { readonly kind: 'resting'; readonly manifest: UpdateManifest; readonly failures: number }
  | { readonly kind: 'testing'; readonly manifest: UpdateManifest }
  | { readonly kind: 'waiting'; readonly manifest: UpdateManifest; readonly quietMs: number }
  | { readonly kind: 'switching'; readonly manifest: UpdateManifest }
  /** The restart was asked for. */
  | { readonly kind: 'leaving' }
  /** This process is the version on trial. */
  | { readonly kind: 'trying' };

/** `fraction`: of chance, in [0, 1). */
export type UpdateInput =
  | { readonly kind: 'started'; readonly isOnTrial: boolean; readonly fraction: number }
  | { readonly kind: 'offered'; readonly fraction: number }
  | { readonly kind: 'timerFired' }
  | { readonly kind: 'nothingOffered' }
  | { readonly kind: 'askFailed' }
  | { readonly kind: 'judged'; readonly verdict: Verdict; readonly failures: number }
  | { readonly kind: 'fetched' }
  | { readonly kind: 'fetchFailed'; readonly error: TonearmError }
  | { readonly kind: 'tested'; readonly isWorking: boolean }
  | {
      readonly kind: 'listened';
      readonly isSilent: boolean;
      readonly minute: number;
      readonly window: UpdateWindow | null;
    }
  | { readonly kind: 'switched' }
  | { readonly kind: 'switchFailed'; readonly error: TonearmError }
  | { readonly kind: 'trialJudged'; readonly judgement: 'good' | 'failed' }
  /** It could not be written down that it may stay: it is still on trial, and judged again. */
  | { readonly kind: 'confirmFailed' };

type Stage = UpdateReport['stage'];

export type UpdateEffect =
  | { readonly kind: 'armTimer'; readonly delayMs: number }
  | { readonly kind: 'ask' }
  | { readonly kind: 'fetch'; readonly manifest: UpdateManifest; readonly failures: number }
  | { readonly kind: 'test'; readonly manifest: UpdateManifest }
  | { readonly kind: 'listen' }
  | { readonly kind: 'switch'; readonly manifest: UpdateManifest }
  | { readonly kind: 'markBad'; readonly manifest: UpdateManifest }
  | { readonly kind: 'watchTrial' }
  | { readonly kind: 'confirm' }
  /** Ends this process; whoever keeps it running starts the next. */
  | { readonly kind: 'restart' }
  | {
      readonly kind: 'report';
      readonly manifest: UpdateManifest;
      readonly stage: Stage;
      readonly error: TonearmError | null;
    };

export interface UpdateStep {
  readonly state: UpdateState;
  readonly effects: readonly UpdateEffect[];
}

const IDLE: UpdateState = { kind: 'idle' };
const REST: UpdateStep = { state: IDLE, effects: [{ kind: 'armTimer', delayMs: CHECK_EVERY_MS }] };

export function transition(state: UpdateState, input: UpdateInput): UpdateStep {
  const stay: UpdateStep = { state, effects: [] };
  switch (input.kind) {
    case 'started':
      if (input.isOnTrial) return { state: { kind: 'trying' }, effects: [{ kind: 'watchTrial' }] };
      return { state: IDLE, effects: [soon(input.fraction)] };
    case 'offered':
      return state.kind === 'idle' ? { state, effects: [soon(input.fraction)] } : stay;
    case 'timerFired':
      return afterTimer(state);
    case 'nothingOffered':
      return state.kind === 'checking' ? REST : stay;
    case 'askFailed':
      return state.kind === 'checking' ? { ...REST, effects: [{ kind: 'armTimer', delayMs: ASK_AGAIN_MS }] } : stay;
    case 'judged':
      return state.kind === 'checking' ? afterVerdict(input.verdict, input.failures) : stay;
    case 'fetched':
      if (state.kind !== 'fetching') return stay;
      return {
        state: { kind: 'testing', manifest: state.manifest },
        effects: [{ kind: 'test', manifest: state.manifest }],
      };
    case 'fetchFailed':
      return state.kind === 'fetching' ? afterFailedFetch(state, input.error) : stay;
    case 'tested':
      return state.kind === 'testing' ? afterTest(state.manifest, input.isWorking) : stay;
    case 'listened':
      return state.kind === 'waiting' ? afterListening(state, input) : stay;
    case 'switched':
      return state.kind === 'switching' ? { state: { kind: 'leaving' }, effects: [{ kind: 'restart' }] } : stay;
    case 'switchFailed':
      return state.kind === 'switching' ? afterFailedSwitch(state.manifest, input.error) : stay;
    case 'confirmFailed':
      return { state: { kind: 'trying' }, effects: [{ kind: 'watchTrial' }] };
    case 'trialJudged':
      if (state.kind !== 'trying') return stay;
      if (input.judgement === 'failed') return { state: { kind: 'leaving' }, effects: [{ kind: 'restart' }] };
      return { state: IDLE, effects: [{ kind: 'confirm' }, { kind: 'armTimer', delayMs: CHECK_EVERY_MS }] };
  }
}

function soon(fraction: number): UpdateEffect {
  return { kind: 'armTimer', delayMs: fraction * CHECK_WITHIN_MS };
}

function afterTimer(state: UpdateState): UpdateStep {
  if (state.kind === 'idle') return { state: { kind: 'checking' }, effects: [{ kind: 'ask' }] };
  if (state.kind === 'resting') return fetching(state.manifest, state.failures);
  if (state.kind === 'waiting') return { state, effects: [{ kind: 'listen' }] };
  return { state, effects: [] };
}

function afterVerdict(verdict: Verdict, failures: number): UpdateStep {
  if (verdict.kind === 'current') return REST;
  if (verdict.kind === 'accepted') {
    const step = fetching(verdict.manifest, failures < FETCHES_MAX ? failures : 0);
    const { manifest } = verdict;
    return { ...step, effects: [{ kind: 'report', manifest, stage: 'downloading', error: null }, ...step.effects] };
  }
  const { manifest, error } = verdict;
  // Being held back is no failure, and without a manifest there is nothing to report on.
  if (manifest === null || error.code === 'update.held-back') return REST;
  return { state: IDLE, effects: [{ kind: 'report', manifest, stage: 'refused', error }, ...REST.effects] };
}

function fetching(manifest: UpdateManifest, failures: number): UpdateStep {
  return { state: { kind: 'fetching', manifest, failures }, effects: [{ kind: 'fetch', manifest, failures }] };
}

function afterFailedFetch(
  { manifest, failures }: { readonly manifest: UpdateManifest; readonly failures: number },
  error: TonearmError,
): UpdateStep {
  const count = failures + 1;
  if (!error.retryable || count >= FETCHES_MAX) return failed(manifest, error);
  const delayMs = RETRY_BASE_MS * 2 ** failures;
  return { state: { kind: 'resting', manifest, failures: count }, effects: [{ kind: 'armTimer', delayMs }] };
}

function afterTest(manifest: UpdateManifest, isWorking: boolean): UpdateStep {
  if (!isWorking) {
    // Its error is made by who performs the effect: the machine knows only that it did not work.
    return { state: IDLE, effects: [{ kind: 'markBad', manifest }, ...REST.effects] };
  }
  const listening: UpdateEffect = { kind: 'armTimer', delayMs: SILENCE_EVERY_MS };
  const report: UpdateEffect = { kind: 'report', manifest, stage: 'waiting', error: null };
  return { state: { kind: 'waiting', manifest, quietMs: 0 }, effects: [report, listening] };
}

function afterListening(
  { manifest, quietMs }: { readonly manifest: UpdateManifest; readonly quietMs: number },
  { isSilent, minute, window }: Extract<UpdateInput, { readonly kind: 'listened' }>,
): UpdateStep {
  const nowQuietMs = isSilent ? quietMs + SILENCE_EVERY_MS : 0;
  if (isTimeToSwitch({ quietMs: nowQuietMs, minute, isCritical: manifest.isCritical, window })) {
    return { state: { kind: 'switching', manifest }, effects: [{ kind: 'switch', manifest }] };
  }
  return {
    state: { kind: 'waiting', manifest, quietMs: nowQuietMs },
    effects: [{ kind: 'armTimer', delayMs: SILENCE_EVERY_MS }],
  };
}

/** What was halted meanwhile has not failed; and there may be something newer. */
function afterFailedSwitch(manifest: UpdateManifest, error: TonearmError): UpdateStep {
  if (error.code !== 'update.held-back') return failed(manifest, error);
  return { state: IDLE, effects: [{ kind: 'armTimer', delayMs: CHECK_WITHIN_MS }] };
}

function failed(manifest: UpdateManifest, error: TonearmError): UpdateStep {
  return { state: IDLE, effects: [{ kind: 'report', manifest, stage: 'failed', error }, ...REST.effects] };
}
