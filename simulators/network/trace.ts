/**
 * What a link carries, as others have recorded it: the common JSON form of network traces, a list of stretches of
 * `duration_ms`, `bandwidth_kbps` and (where it was measured) `latency_ms`. Read here once, for virtual and real links alike;
 * who writes a bad one is told which stretch and which field.
 */
import * as z from 'zod/mini';
import { TonearmError } from '#protocol/vocabulary/errors';
import { type Ms, ms } from '#protocol/vocabulary/units';

/** Stretches of one trace: a day in steps of a second. */
export const TRACE_STRETCHES_MAX = 86_400;
/** Characters of a trace file. */
export const TRACE_CHARACTERS_MAX = 16 * 1024 * 1024;
/** Longest that one stretch lasts: a day. */
const DURATION_MS_MAX = 86_400_000;
/** Faster than any link at home, in kbit/s. */
const BANDWIDTH_KBPS_MAX = 100_000_000;
/** One way; beyond it every peer has given up. */
const LATENCY_MS_MAX = 600_000;

const stretchSchema = z.object({
  duration_ms: z.number().check(z.positive(), z.maximum(DURATION_MS_MAX)),
  /** Zero: nothing comes through. */
  bandwidth_kbps: z.number().check(z.minimum(0), z.maximum(BANDWIDTH_KBPS_MAX)),
  latency_ms: z.optional(z.number().check(z.minimum(0), z.maximum(LATENCY_MS_MAX))),
});

const traceSchema = z.array(stretchSchema).check(z.minLength(1), z.maxLength(TRACE_STRETCHES_MAX));

/** One stretch of a trace, as it stands in the file. */
export type TraceStretch = z.infer<typeof stretchSchema>;

export interface NetworkTrace {
  /** At least one. */
  readonly stretches: readonly TraceStretch[];
  /** All of it once. */
  readonly duration: Ms;
  /** @param at time since the trace began; after its end it begins again, as such traces are used */
  at(at: Ms): TraceStretch;
  /** When the stretch that holds at `at` ends, counted as `at` is. */
  endOfStretch(at: Ms): Ms;
}

/**
 * @param name of the file, for the message
 * @throws TonearmError input.invalid that names the file, the stretch and the field; input.too-large
 */
export function parseTrace(text: string, name: string): NetworkTrace {
  if (text.length > TRACE_CHARACTERS_MAX) {
    throw new TonearmError('input.too-large', `${name}: a trace has at most ${TRACE_CHARACTERS_MAX} characters`);
  }
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw new TonearmError('input.invalid', `${name}: not JSON`, { cause });
  }
  const parsed = traceSchema.safeParse(content);
  if (parsed.success) return createTrace(parsed.data);
  const [issue] = parsed.error.issues;
  const field = issue?.path.join('.') ?? '';
  const where = field === '' ? '' : ` at ${field}`;
  throw new TonearmError('input.invalid', `${name}${where}: ${issue?.message ?? 'not a trace'}; a trace is ${FORM}`, {
    field,
  });
}

const FORM = 'a list of {"duration_ms": …, "bandwidth_kbps": …, "latency_ms": …}';

/** @param stretches at least one */
export function createTrace(stretches: readonly TraceStretch[]): NetworkTrace {
  const ends: number[] = [];
  let total = 0;
  for (const { duration_ms } of stretches) {
    total += duration_ms;
    ends.push(total);
  }
  const placeAt = (at: number): number => {
    const within = at % total;
    let [low, high] = [0, ends.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (within < (ends[middle] ?? 0)) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  return {
    stretches,
    duration: ms(total),
    at: (at) => {
      const stretch = stretches[placeAt(at)];
      if (stretch === undefined) throw new RangeError('a trace has at least one stretch');
      return stretch;
    },
    endOfStretch: (at) => ms(Math.floor(at / total) * total + (ends[placeAt(at)] ?? total)),
  };
}
