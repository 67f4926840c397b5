/** What people type for a volume: `40`, `+5`, `-5`. */
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { type Percent, percent } from '#protocol/vocabulary/units';

export type VolumeChange =
  | { readonly kind: 'absolute'; readonly volume: Percent }
  | { readonly kind: 'relative'; readonly by: number };

const FORM = /^([+-]?)(\d{1,3})%?$/;

export function parseVolume(text: string): Result<VolumeChange, TonearmError> {
  const match = FORM.exec(text.trim());
  const amount = Number(match?.[2]);
  if (match === null || amount > 100) {
    return refused(
      new TonearmError(
        'input.invalid',
        `not a volume: ${JSON.stringify(text.slice(0, 40))}; expected 0 to 100, or a step (+5, -5)`,
        { field: 'VOLUME' },
      ),
    );
  }
  if (match[1] === '') return ok({ kind: 'absolute', volume: percent(amount) });
  return ok({ kind: 'relative', by: match[1] === '-' ? -amount : amount });
}

export function volumeFrom(change: VolumeChange, current: Percent): Percent {
  if (change.kind === 'absolute') return change.volume;
  return percent(Math.max(0, Math.min(100, current + change.by)));
}
