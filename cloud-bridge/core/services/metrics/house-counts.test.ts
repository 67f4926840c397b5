import { describe, expect, it } from 'vitest';
import { speakerId } from '#protocol/vocabulary/ids';
import { ms, percent } from '#protocol/vocabulary/units';
import { renderPrometheus } from '../content/prometheus-text.ts';
import { HouseCounts } from './house-counts.ts';
import { houseFigures, SPEAKERS_TOLD_MAX } from './house-figures.ts';

const KITCHEN = speakerId('kitchen-speaker');

function linesOf(counts: HouseCounts): string[] {
  return renderPrometheus(counts.metrics()).split('\n');
}

describe('HouseCounts', () => {
  it('counts commands by kind and outcome, and how long they took', () => {
    const counts = new HouseCounts();
    counts.requestAnswered('pause', null, ms(0.4));
    counts.requestAnswered('pause', null, ms(30));
    counts.requestAnswered('play', 'session.busy', ms(20_000));
    expect(linesOf(counts)).toEqual(
      expect.arrayContaining([
        '# TYPE tonearm_command_duration_seconds histogram',
        'tonearm_commands_total{type="pause",result="ok"} 2',
        'tonearm_commands_total{type="play",result="session.busy"} 1',
        'tonearm_command_duration_seconds_bucket{le="0.0005"} 1',
        'tonearm_command_duration_seconds_bucket{le="0.05"} 2',
        'tonearm_command_duration_seconds_bucket{le="10"} 2',
        'tonearm_command_duration_seconds_bucket{le="+Inf"} 3',
        'tonearm_command_duration_seconds_count 3',
      ]),
    );
  });

  it('counts who came back by why it had gone, and nobody who comes for the first time', () => {
    const counts = new HouseCounts();
    counts.speakerConnected(KITCHEN);
    expect(linesOf(counts).filter((line) => line.startsWith('tonearm_ws_reconnects_total{'))).toEqual([]);
    counts.speakerDisconnected(KITCHEN, 4003);
    counts.speakerConnected(KITCHEN);
    counts.speakerDisconnected(KITCHEN, 1006);
    counts.speakerConnected(KITCHEN);
    counts.speakerDisconnected(KITCHEN, 4999);
    expect(linesOf(counts)).toEqual(
      expect.arrayContaining([
        'tonearm_ws_reconnects_total{reason="heartbeatLost"} 1',
        'tonearm_ws_reconnects_total{reason="lost"} 1',
        'tonearm_ws_closes_total{reason="other"} 1',
      ]),
    );
  });

  it('knows how many sockets are open', () => {
    const counts = new HouseCounts();
    counts.socketOpened('phone');
    counts.socketOpened('phone');
    counts.socketClosed('phone');
    expect(linesOf(counts)).toContain('tonearm_ws_connections{kind="phone"} 1');
    expect(linesOf(counts)).toContain('tonearm_ws_connections{kind="speaker"} 0');
  });
});

describe('houseFigures', () => {
  const status = {
    ...{ volume: percent(1), output: 'virtual', outputProblem: null },
    ...{ bufferedMs: ms(2_500), underruns: 3, qualityKbps: 160 },
  };
  const speaker = {
    ...{ id: KITCHEN, name: 'He said "hi"\\', model: 'm', version: '1', isOnline: true, isActive: true, status },
    clock: { offsetMs: -12.5, errorMs: 0.5 },
  };
  const linesFor = (facts: Parameters<typeof houseFigures>[0]) => renderPrometheus(houseFigures(facts)).split('\n');

  it('tells each speaker as it has told itself, whatever its name is', () => {
    const away = { ...speaker, isOnline: false, status: null, clock: undefined, id: speakerId('bedroom-speaker') };
    const { clock: _, ...unknown } = away;
    const lines = linesFor({ speakers: [speaker, unknown], playbacks: ['playing', 'paused', 'playing'] });
    const label = `speaker="He said \\"hi\\"\\\\",id="${KITCHEN}"`;
    expect(lines).toEqual(
      expect.arrayContaining([
        `tonearm_speaker_up{${label}} 1`,
        `tonearm_audio_buffer_seconds{${label}} 2.5`,
        `tonearm_audio_underruns_total{${label}} 3`,
        `tonearm_audio_quality_kbps{${label}} 160`,
        `tonearm_clock_offset_seconds{${label}} -0.0125`,
        'tonearm_speakers{state="online"} 1',
        'tonearm_speakers{state="offline"} 1',
        'tonearm_sessions{playback="playing"} 2',
      ]),
    );
    // One that has said nothing yet has no figures, rather than zeros.
    expect(lines.filter((line) => line.includes('bedroom'))).toEqual([
      expect.stringMatching(/^tonearm_speaker_up\{.*\} 0$/),
    ]);
  });

  it('tells no more of them one by one than a scrape should hold', () => {
    const speakers = Array.from({ length: SPEAKERS_TOLD_MAX + 5 }, (_, n) => ({ ...speaker, name: `n${n}` }));
    const lines = linesFor({ speakers, playbacks: [] });
    expect(lines.filter((line) => line.startsWith('tonearm_speaker_up{'))).toHaveLength(SPEAKERS_TOLD_MAX);
    expect(lines).toContain(`tonearm_speakers{state="online"} ${speakers.length}`);
  });
});
