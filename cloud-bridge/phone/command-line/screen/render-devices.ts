/** The table of speakers. */
import type { SpeakerView } from '#protocol/wire/household';
import type { Colours } from './output.ts';
import { printable } from './printable.ts';

/** Enough of an id to tell speakers apart, and to type. */
const ID_SHOWN = 8;

export function renderDevices(speakers: readonly SpeakerView[], colours: Colours): string[] {
  if (speakers.length === 0) return ['No speakers yet. Start one: tonearm speaker'];
  const rows = speakers.map((it) => ({
    it,
    cells: [
      printable(it.name),
      stateOf(it),
      it.status === null ? '' : `volume ${it.status.volume}`,
      it.status === null ? '' : printable(it.status.output),
      it.id.slice(0, ID_SHOWN),
    ],
  }));
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => row.cells[column]?.length ?? 0)));
  return rows.flatMap(({ it, cells }) => {
    const line = cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
    const problem = it.isOnline ? it.status?.outputProblem : null;
    return [
      `${markOf(it, colours)} ${it.isOnline ? line.trimEnd() : colours.dim(line.trimEnd())}`,
      ...(problem == null ? [] : [`  ${colours.yellow(`no sound: ${printable(problem.message)} (${problem.code})`)}`]),
    ];
  });
}

export function stateOf(speaker: SpeakerView): string {
  if (!speaker.isOnline) return 'offline';
  return speaker.isActive ? 'active' : 'online';
}

export function markOf(speaker: SpeakerView, colours: Colours): string {
  if (!speaker.isOnline) return colours.dim('·');
  return speaker.isActive ? colours.green('●') : '○';
}
