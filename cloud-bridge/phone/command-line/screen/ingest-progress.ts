/** How far an ingest is: a bar that redraws itself on a terminal, a line per tenth elsewhere, nothing for machines. */
import type { IngestView } from '#protocol/wire/household';
import type { Output } from './output.ts';

const BAR_CELLS = 28;
const TENTHS = 10;
const TO_LINE_START = '\r\u001b[K';

export interface IngestProgress {
  show(view: IngestView): void;
  /** Clears the bar. */
  end(): void;
}

/** Progress is talk, so it goes to stderr. */
export function createIngestProgress(output: Pick<Output, 'stderr' | 'isJson' | 'isQuiet'>): IngestProgress {
  if (output.isJson || output.isQuiet) return { show: () => undefined, end: () => undefined };
  if (output.stderr.isTty) {
    return {
      show: (view) => output.stderr.write(`${TO_LINE_START}${progressBar(view)}`),
      end: () => output.stderr.write(TO_LINE_START),
    };
  }
  let tenthsShown = 0;
  return {
    show(view) {
      const tenths = Math.floor(shareDone(view) * TENTHS);
      if (tenths <= tenthsShown) return;
      tenthsShown = tenths;
      output.stderr.write(`${tenths * TENTHS} % (${countOf(view)})\n`);
    },
    end: () => undefined,
  };
}

/** 0 to 1; nothing found yet counts as nothing done. */
export function shareDone(view: IngestView): number {
  return view.found === 0 ? 0 : Math.min(1, (view.done + view.failed) / view.found);
}

export function progressBar(view: IngestView): string {
  const filled = Math.round(shareDone(view) * BAR_CELLS);
  return `${'█'.repeat(filled)}${'░'.repeat(BAR_CELLS - filled)} ${countOf(view)}`;
}

function countOf(view: IngestView): string {
  const failed = view.failed === 0 ? '' : `, ${view.failed} unreadable`;
  return `${view.done + view.failed} of ${view.found} files${failed}`;
}
