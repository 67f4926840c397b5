/** How the house is now, for Prometheus: its speakers as they have told it, and what they play. Pure. */
import type { SpeakerView } from '#protocol/wire/household';
import type { HouseFacts } from '../../ports/household.ts';
import { labelValue, type Metric } from '../content/prometheus-text.ts';

/** Speakers that are told one by one; a house with more is watched by its sums. */
export const SPEAKERS_TOLD_MAX = 1_000;
const MS_PER_SECOND = 1_000;

export function houseFigures({ speakers, playbacks }: HouseFacts): readonly Metric[] {
  const told = speakers.slice(0, SPEAKERS_TOLD_MAX);
  const each = (name: string, help: string, figureOf: (speaker: SpeakerView) => number | null | undefined): Metric => ({
    name,
    help,
    kind: name.endsWith('_total') ? 'counter' : 'gauge',
    rows: told.flatMap((speaker) => {
      const value = figureOf(speaker);
      return value === null || value === undefined ? [] : [[labelsOf(speaker), value] as const];
    }),
  });
  const seconds = (milliseconds: number | undefined) =>
    milliseconds === undefined ? undefined : milliseconds / MS_PER_SECOND;
  const online = speakers.filter((speaker) => speaker.isOnline).length;
  const kinds = ['stopped', 'buffering', 'playing', 'paused'] as const;
  return [
    {
      name: 'tonearm_speakers',
      help: 'Speakers that are known, by whether they are connected.',
      kind: 'gauge',
      rows: [
        ['state="online"', online],
        ['state="offline"', speakers.length - online],
      ],
    },
    {
      name: 'tonearm_sessions',
      help: 'Sessions, by what they do.',
      kind: 'gauge',
      rows: kinds.map((kind) => [`playback="${kind}"`, playbacks.filter((playback) => playback === kind).length]),
    },
    each('tonearm_speaker_up', 'Whether a speaker is connected.', ({ isOnline }) => (isOnline ? 1 : 0)),
    each('tonearm_audio_buffer_seconds', 'Sound that a speaker holds ready.', ({ status }) =>
      seconds(status?.bufferedMs),
    ),
    each(
      'tonearm_audio_underruns_total',
      'Times that a speaker had nothing to play.',
      ({ status }) => status?.underruns,
    ),
    each('tonearm_audio_quality_kbps', 'Quality of what a speaker plays.', ({ status }) => status?.qualityKbps),
    each('tonearm_audio_output_problem', 'Whether a speaker has no sound although it should.', ({ status }) =>
      status === null ? null : Number(status.outputProblem !== null),
    ),
    each('tonearm_clock_offset_seconds', 'The bridge’s clock less a speaker’s.', ({ clock }) =>
      seconds(clock?.offsetMs),
    ),
    each('tonearm_clock_error_seconds', 'By how much that may be wrong.', ({ clock }) => seconds(clock?.errorMs)),
  ];
}

/** Names are people's, so they are written as Prometheus wants text that may hold anything. */
function labelsOf({ id, name }: SpeakerView): string {
  return `speaker="${labelValue(name)}",id="${id}"`;
}
