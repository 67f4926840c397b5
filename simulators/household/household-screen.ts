/**
 * What a person sees of `npm start`: plain lines that also read well in a log, and on a terminal one line of progress that is
 * written over. Rendering is apart from writing, so that a test can read it.
 */
import colours from 'picocolors';
import { renderUnicodeCompact } from 'uqr';
import type { HouseholdSnapshot, IngestView, SessionView } from '#protocol/wire/household';
import type { SpeakerStatus } from '#protocol/wire/playback-state';
import { BRIDGE_PORT_DEFAULT } from '#protocol/wire/versions';

export interface ScreenOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** On a terminal a step is the width of a character; elsewhere each is a line in somebody's log. */
const PROGRESS_STEP_PERCENT = 10;
/** The margin that scanners need to find the code; the terminal's own background does the rest. */
const QR_BORDER_MODULES = 2;
const CLEAR_LINE = '\r\u001b[2K';

export class HouseholdScreen {
  readonly #output: ScreenOutput;
  #hasProgressLine = false;
  #progressStep = -1;

  constructor(output: ScreenOutput) {
    this.#output = output;
  }

  say(...lines: readonly string[]): void {
    this.#clearProgress();
    for (const line of lines) this.#output.write(`${line}\n`);
  }

  warn(text: string): void {
    this.say(colours.yellow(`! ${text}`));
  }

  /** Shows how far the reading of music is: on a terminal in place, elsewhere a line per tenth. */
  progress(ingest: IngestView): void {
    const finished = ingest.done + ingest.failed;
    if (ingest.found === 0 || !ingest.isRunning) {
      this.#clearProgress();
      this.#progressStep = -1;
      return;
    }
    const text = `  preparing music: ${finished} of ${ingest.found}`;
    if (this.#output.isTTY === true) {
      this.#output.write(`${CLEAR_LINE}${colours.dim(text.slice(0, (this.#output.columns ?? 80) - 1))}`);
      this.#hasProgressLine = true;
      return;
    }
    const step = Math.floor((finished / ingest.found) * (100 / PROGRESS_STEP_PERCENT));
    if (step !== this.#progressStep) this.#output.write(`${text}\n`);
    this.#progressStep = step;
  }

  #clearProgress(): void {
    if (this.#hasProgressLine) this.#output.write(CLEAR_LINE);
    this.#hasProgressLine = false;
  }
}

/**
 * @param url as a phone in the house would open it; it lets in whoever has it
 * @param port of the bridge; another than the default one must be told to the command line
 */
export function renderWelcome(url: string, port: number): string[] {
  const command = port === BRIDGE_PORT_DEFAULT ? 'npx tonearm' : `npx tonearm --bridge http://127.0.0.1:${port}`;
  return [
    '',
    renderUnicodeCompact(url, { border: QR_BORDER_MODULES }),
    '',
    `  Open ${colours.bold(url)}`,
    '  (or scan the code with a phone in this network; it lets you in as the owner of this house)',
    '',
    '  Three things to try in another terminal, in this folder:',
    `    ${command} status --watch      what is playing, as it plays`,
    `    ${command} next                also: pause, seek 1:00, volume 40, search WORD`,
    '    npm start -- --music ~/Music   your own music (end this one first)',
    '',
    colours.dim('  Ctrl-C ends it.'),
    '',
  ];
}

/**
 * Says plainly when nothing can be heard, and how to change that.
 * @returns nothing while the speaker has not opened an output yet
 */
export function renderOutput(speakerName: string, status: Pick<SpeakerStatus, 'output' | 'outputProblem'>): string[] {
  const output = printable(status.output);
  if (output.startsWith('alsa')) return [`  ${speakerName} plays on ${output}.`];
  if (output.startsWith('file'))
    return [`  ${speakerName} plays into ${output.slice('file:'.length)}; nothing is heard.`];
  if (!output.startsWith('virtual')) return [];
  const why = status.outputProblem === null ? '' : ` (${printable(status.outputProblem.message)})`;
  return [
    colours.yellow(`  ${speakerName} plays on a virtual sink: in real time, and without a sound${why}.`),
    '  To hear it, connect a sound card that "aplay -l" lists (being in the group "audio" helps) and start again, or',
    '  choose with: npm start -- --sink alsa:DEVICE, or --sink file:music.wav to listen later.',
  ];
}

/** One line for what is heard now; null when nothing is. */
export function renderNowPlaying(session: SessionView, speakers: HouseholdSnapshot['speakers']): string | null {
  if (session.track === null || (session.playback !== 'playing' && session.playback !== 'paused')) return null;
  const speaker = speakers.find(({ id }) => id === session.activeSpeakerId);
  const where = speaker === undefined ? '' : ` on ${speaker.name}`;
  const sign = session.playback === 'paused' ? '‖' : '♪';
  const by = session.track.artists.length === 0 ? '' : ` — ${session.track.artists.join(', ')}`;
  return `  ${sign} ${printable(`${session.track.title}${by} (${session.track.album})${where}`)}`;
}

/** Tags and names come from outside: a terminal must not obey them. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '·');
}
