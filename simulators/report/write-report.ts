/**
 * The two flags that every simulation has, `--json FILE` and `--report FILE`, from their help to the files. Where they lead is
 * looked at before the run: nobody should learn after an hour that its report has no place.
 */
import { statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { TonearmError } from '#protocol/vocabulary/errors';
import { renderReport } from './render-report.ts';
import { type RunReport, runReportSchema } from './run-report.ts';

/** As the parser of the command line hands them over. */
export interface ReportPaths {
  readonly json?: string | undefined;
  /** The page. */
  readonly report?: string | undefined;
}

export function addReportFlags(command: Command): Command {
  return command
    .option('--json <file>', 'what was measured, as JSON')
    .option('--report <file>', 'what was measured, as a page with charts, e.g. run.html');
}

/** Call it before the run. @throws TonearmError `input.invalid` with the flag's name when a file could not be written there */
export function checkReportPaths({ json, report }: ReportPaths): void {
  for (const [flag, file] of Object.entries({ '--json': json, '--report': report })) {
    if (file === undefined) continue;
    const refuse = (why: string): never => {
      throw new TonearmError('input.invalid', `${flag}: ${why}`, { field: flag });
    };
    if (file.trim() === '') refuse('a file has a name');
    if (isFolder(resolve(file))) refuse(`${file} is a folder`);
    if (!isFolder(dirname(resolve(file)))) refuse(`there is no folder ${dirname(resolve(file))}`);
  }
}

/** Writes what is asked for; nothing when neither is. */
export async function writeReport(report: RunReport, { json, report: page }: ReportPaths): Promise<void> {
  const whole = runReportSchema.parse(report);
  if (json !== undefined) await writeFile(json, `${JSON.stringify(whole, null, 1)}\n`);
  if (page !== undefined) await writeFile(page, renderReport(whole));
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
