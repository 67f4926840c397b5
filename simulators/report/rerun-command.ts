/** The command that runs a run again, from what its report says it was run with. Pure. */
import type { RunReport } from './run-report.ts';

/** A word that a shell takes as it stands. */
const PLAIN_WORD = /^[\w@%+=:,./-]+$/;
/** A parameter whose name is in capitals stands for itself, as `FILE` does in the help; the others are flags. */
const POSITIONAL = /^[A-Z][A-Z-]*$/;

/** @returns e.g. `tonearm simulate world --seeds 1..200`; a flag that was not set (`false`) is left out */
export function rerunCommand({ kind, parameters }: Pick<RunReport, 'kind' | 'parameters'>): string {
  const words = Object.entries(parameters).flatMap(([name, value]) => {
    if (value === false) return [];
    if (POSITIONAL.test(name)) return [shellWord(String(value))];
    const flag = `--${name.replace(/(?<=[a-z0-9])[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}`;
    return value === true ? [flag] : [flag, shellWord(String(value))];
  });
  return ['tonearm', 'simulate', kind, ...words].join(' ');
}

function shellWord(text: string): string {
  return PLAIN_WORD.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
