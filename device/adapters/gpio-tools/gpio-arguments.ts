/**
 * How libgpiod's tools are called, which versions 1 and 2 want differently. Lines are named by chip and offset, in both.
 * Which one is there is what the tool says of itself.
 */

export type GpioVersion = 1 | 2;

export interface GpioLine {
  readonly line: number;
  readonly isActiveLow: boolean;
}

/** @param said by `gpiomon --version`, as `gpiomon (libgpiod) v1.6.3`; null when it does not say */
export function parseGpioVersion(said: string): GpioVersion | null {
  const major = /\(libgpiod\) v(\d+)\./.exec(said)?.[1];
  return major === '1' ? 1 : major === '2' ? 2 : null;
}

/** Both edges of these lines, which must all have one sense: `%e %o` for each. A button shorts its line, so the other side is pulled. */
export function monitorArguments(
  version: GpioVersion,
  chip: string,
  lines: readonly number[],
  isActiveLow: boolean,
): string[] {
  const sense = isActiveLow ? ['--active-low'] : [];
  const pull = `--bias=${isActiveLow ? 'pull-up' : 'pull-down'}`;
  const offsets = lines.map(String);
  if (version === 1) return ['--line-buffered', ...sense, pull, '--format=%e %o', chip, ...offsets];
  return [...sense, pull, '--format=%e %o', `--chip=${chip}`, ...offsets];
}

/** One line of what `monitorArguments` asks for. Rising is 1 in both versions; falling is 0 in the first, 2 in the second. */
export function parseEdge(text: string): { readonly line: number; readonly isActive: boolean } | null {
  const [, event, offset] = /^([012]) (\d{1,4})$/.exec(text.trim()) ?? [];
  return event === undefined ? null : { line: Number(offset), isActive: event === '1' };
}

/** Holds the line there until the tool is ended. */
export function setArguments(
  version: GpioVersion,
  chip: string,
  { line, isActiveLow }: GpioLine,
  isOn: boolean,
): string[] {
  const sense = isActiveLow ? ['--active-low'] : [];
  const value = `${line}=${isOn ? 1 : 0}`;
  return version === 1 ? ['--mode=signal', ...sense, chip, value] : [...sense, `--chip=${chip}`, value];
}
