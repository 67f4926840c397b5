/**
 * Tracks 4 and 5, one piece in A minor: it climbs for twenty-eight bars, and the file ends at the very beat where the
 * next one opens. What rings over that beat is in both files, so a player that loses or repeats a frame is heard.
 */

import { highPass, movingLowPass } from '../effects/filters.ts';
import { chorus, duck } from '../effects/movement.ts';
import { glowLead, synthBass, synthPluck, warmPad } from '../instruments/analog-voice.ts';
import { drumKit } from '../instruments/drum-kit.ts';
import { electricPiano } from '../instruments/electric-piano.ts';
import { glassBell } from '../instruments/struck-bar.ts';
import type { Arrangement, MixContext } from '../mix/arrangement.ts';
import type { StereoBuffer } from '../mix/stereo-buffer.ts';
import { arpeggio, type BassHit, bassLine, comp, sustain } from '../score/accompaniment.ts';
import { type ChordSpan, progression } from '../score/chord.ts';
import { drums } from '../score/drum-pattern.ts';
import type { Note } from '../score/note.ts';
import { phrase } from '../score/phrase.ts';
import type { Piece } from './piece.ts';

const BPM = 116;
const BAR = 4;
const PAD_IN = 4 * BAR;
const BASS_IN = 12 * BAR;
const BREAK = 20 * BAR;
const RISE = 24 * BAR;
const DROP = 28 * BAR;
const SECOND_TIME = DROP + 8 * BAR;
const QUIET = DROP + 16 * BAR;
const CODA = DROP + 20 * BAR;
const END = DROP + 25 * BAR;

const ROUND = 'Am7 | Fmaj9 | Cadd9/E | Gadd9';
const TURN = 'Am9 | Fmaj9 | Dm7 | Em7';
const SPANS = progression(
  [...Array(5).fill(ROUND), TURN, ROUND, ROUND, ROUND, ROUND, TURN, ROUND, 'Am9 | Fmaj9 | Cadd9 | G13sus | Am9'].join(
    ' | ',
  ),
  BAR,
);

const HOOK = [
  'A4:.5 C5:.5 E5:1! D5:.5 C5:1 A4:.5',
  'C5:1.5 A4:.5 C5:1 E5:1',
  'G5:1.5! E5:.5 D5:1 C5:1',
  'D5:2 B4:1 G4:1',
  'A4:.5 C5:.5 E5:1 A5:1.5! G5:.5',
  'A5:1 G5:.5 E5:.5 C5:2',
  'E5:1 D5:.5 C5:.5 G4:1 C5:1',
  'D5:1.5 E5:.5 D5:1 B4:1',
].join(' | ');
const HOOK_HIGH = [
  'A4:.5 C5:.5 E5:1! D5:.5 C5:1 E5:.5',
  'A5:1.5! G5:.5 A5:1 C6:1',
  'B5:1.5 G5:.5 E5:1 G5:1',
  'D5:2 G5:1 B5:1',
  'C6:1.5! B5:.5 A5:1 E5:1',
  'A5:1 G5:.5 E5:.5 C5:2',
  'F5:1 E5:.5 D5:.5 A4:1 D5:1',
  'E5:2 D5:1 B4:1',
].join(' | ');
const AFTER =
  'E5:3 D5:1 | C5:3 -:1 | G5:2! E5:1 D5:1 | D5:4 | E5:2 A5:2 | G5:1 E5:1 C5:2 | E5:1 D5:1 G4:2 | A4:4 | -:4';

const PULSE: readonly BassHit[] = [
  [0, 0.42, 'root', 0.8],
  [0.75, 0.22, 'root', 0.55],
  [1.5, 0.42, 'root', 0.7],
  [2, 0.42, 'root', 0.75],
  [2.75, 0.22, 'octave', 0.5],
  [3.5, 0.42, 'fifth', 0.65],
];

function within(from: number, to: number): ChordSpan[] {
  return SPANS.filter((span) => span.beat >= from && span.beat < to);
}

function kicks(): Note[] {
  const four = { kick: 'X...x...X...x...' };
  return [
    ...drums({ thump: 'x.......x.......' }, 0.25, PAD_IN + 4 * BAR, 4),
    ...drums(four, 0.25, BASS_IN, 8),
    ...drums({ kick: 'x.x.x.x.x.x.x.x.' }, 0.25, DROP - 2 * BAR, 1),
    ...drums(four, 0.25, DROP, 16),
    ...drums(four, 0.25, CODA, 4),
    ...drums({ kick: 'X...............' }, 0.25, CODA + 4 * BAR, 1),
  ];
}

function percussion(): Note[] {
  const groove = { clap: '....x.......x...', openHat: '..x...x...x...x.', hat: 'o..oo..oo..oo..o' };
  return [
    ...drums({ shaker: 'o.xoo.xoo.xoo.xo' }, 0.25, PAD_IN, 16),
    ...drums({ hat: '..x...x...x...x.' }, 0.25, BASS_IN, 8),
    ...drums({ clap: '....x.......x...' }, 0.25, BASS_IN + 4 * BAR, 4),
    ...drums({ rim: '...o..o...o..o..' }, 0.25, BREAK, 4),
    ...drums({ snare: 'o...o...o...o...' }, 0.25, RISE, 2),
    ...drums({ snare: 'o.o.o.o.x.x.x.x.' }, 0.25, RISE + 2 * BAR, 1),
    ...drums({ snare: 'ooxoxoxxxxxX....' }, 0.25, RISE + 3 * BAR, 1),
    ...drums({ swell: 'x...' }, 1, DROP - 3.7, 1),
    ...drums({ ...groove, shaker: 'o.xoo.xoo.xoo.xo' }, 0.25, DROP, 15),
    ...drums({ clap: '....x.......x.xx', hat: 'o..oo..oo.......' }, 0.25, DROP + 15 * BAR, 1),
    ...drums({ shaker: 'o.xoo.xoo.xoo.xo', rim: '...o..o...o..o..' }, 0.25, QUIET, 4),
    ...drums({ swell: 'x...' }, 1, CODA - 3.7, 1),
    ...drums(groove, 0.25, CODA, 4),
  ];
}

/** Seconds of the climb turned into the filter's cutoff: shut at first, wide open on the drop, half shut at the end. */
function climb(context: MixContext): (seconds: number) => number {
  const points = [
    [0, 380],
    [PAD_IN, 700],
    [BASS_IN, 1_600],
    [BREAK, 2_400],
    [BREAK + 8, 900],
    [RISE, 1_300],
    [DROP - 0.5, 7_500],
    [DROP, 5_200],
    [QUIET, 4_200],
    [QUIET + 4, 1_100],
    [CODA, 3_800],
    [END, 500],
  ].map(([beat = 0, hz = 0]) => [context.secondsAt(beat), Math.log(hz)] as const);
  return (seconds) => {
    const after = points.findIndex(([at]) => at > seconds);
    const to = points[after] ?? points.at(-1);
    const from = points[Math.max(0, (after < 0 ? points.length : after) - 1)];
    if (to === undefined || from === undefined) return 1_000;
    const span = to[0] - from[0];
    return Math.exp(span <= 0 ? to[1] : from[1] + ((to[1] - from[1]) * (seconds - from[0])) / span);
  };
}

function opening(bus: StereoBuffer, context: MixContext): void {
  movingLowPass(bus, climb(context), 1.2);
}

function arrange(): Arrangement {
  const beats = kicks();
  const pump = (depth: number) => (bus: StereoBuffer, context: MixContext) =>
    duck(
      bus,
      beats.filter((note) => note.velocity > 0.6).map((note) => context.frameAt(note.beat)),
      depth,
      0.3,
    );
  const arp = [
    ...arpeggio(
      within(0, QUIET),
      [0, 2, 1, 3, 2, 4, 3, 1],
      0.25,
      { low: 57, high: 76 },
      {
        velocity: 0.62,
        accentEvery: 4,
        lengthBeats: 0.22,
      },
    ),
    ...arpeggio(
      within(QUIET, CODA + 4 * BAR),
      [0, 2, 1, 3, 2, 4, 3, 1],
      0.25,
      { low: 57, high: 76 },
      {
        velocity: 0.5,
        accentEvery: 4,
        lengthBeats: 0.22,
      },
    ),
  ];
  return {
    seed: 47,
    airDecibels: 1,
    tempo: [
      { beat: 0, bpm: BPM },
      { beat: CODA + 2 * BAR, bpm: BPM },
      { beat: CODA + 4 * BAR, bpm: BPM * 0.9 },
    ],
    beats: END,
    tailSeconds: 3.5,
    cuts: [DROP],
    reverb: { seconds: 2.4, damping: 0.3, preDelaySeconds: 0.02 },
    delay: { seconds: (60 / BPM) * 0.75, feedback: 0.45 },
    parts: [
      { instrument: drumKit, notes: beats, decibels: -4.5, looseness: 0 },
      { instrument: drumKit, notes: percussion(), decibels: 5, reverb: 0.18, looseness: 0.003 },
      {
        instrument: synthPluck,
        notes: arp,
        decibels: 1,
        reverb: 0.25,
        delay: 0.32,
        looseness: 0.002,
        effects: [opening, pump(0.3)],
        level: [
          [0, 2],
          [BASS_IN, 0],
          [DROP - 1, 1],
          [DROP, -3],
          [QUIET, 0],
        ],
      },
      {
        instrument: warmPad,
        notes: sustain(within(PAD_IN, END), { low: 52, high: 74 }, 0.7),
        decibels: -2.5,
        reverb: 0.3,
        effects: [opening, (bus) => chorus(bus, 0.4), pump(0.5), (bus) => highPass(bus, 150)],
        level: [
          [PAD_IN, -16],
          [BASS_IN, -3],
          [BREAK, 0],
          [DROP - 0.1, 1],
          [DROP, -1],
          [CODA + 4 * BAR, -1],
        ],
      },
      {
        instrument: synthBass,
        notes: [
          ...bassLine(within(BASS_IN, BREAK), PULSE, 33),
          ...bassLine(within(BREAK, RISE), [[0, 3.8, 'root', 0.5]], 33),
          ...bassLine(within(DROP, QUIET), PULSE, 33),
          ...bassLine(within(QUIET, CODA), [[0, 3.8, 'root', 0.5]], 33),
          ...bassLine(within(CODA, CODA + 4 * BAR), PULSE, 33),
          ...bassLine(within(CODA + 4 * BAR, END), [[0, 4, 'root', 0.6]], 33),
        ],
        decibels: -0.5,
        looseness: 0.002,
        effects: [pump(0.35)],
      },
      {
        instrument: glowLead,
        notes: [...phrase(HOOK, BAR, DROP), ...phrase(HOOK_HIGH, BAR, SECOND_TIME)],
        decibels: -3,
        place: 0.05,
        reverb: 0.3,
        delay: 0.25,
        looseness: 0.003,
        effects: [(bus) => highPass(bus, 220), pump(0.15)],
      },
      {
        instrument: electricPiano,
        notes: [
          ...comp(within(BREAK, RISE), [[0, 3.6, 0.5]], { low: 55, high: 76 }),
          ...comp(
            within(DROP, QUIET),
            [
              [0.5, 0.4, 0.5],
              [1.5, 0.4, 0.45],
              [3, 0.6, 0.5],
            ],
            { low: 55, high: 76 },
          ),
          ...phrase(AFTER, BAR, QUIET),
        ],
        decibels: -2,
        place: -0.2,
        reverb: 0.35,
        delay: 0.2,
        effects: [(bus) => chorus(bus, 0.4)],
      },
      {
        instrument: glassBell,
        notes: [
          ...phrase('A5:2 E6:2 | C6:4 | G5:2 C6:2 | D6:4', BAR, BREAK),
          ...phrase('A5:1 E6:1 A5:1 E6:1 | C6:1 A5:1 C6:1 E6:1 | D6:1 F6:1 D6:1 F6:1 | E6:1 G6:1 B6:1~ -:1', BAR, RISE),
          ...phrase('E6:4 | -:4 | -:4 | -:4 | A6:4', BAR, CODA),
        ],
        decibels: -5,
        place: 0.3,
        reverb: 0.5,
        delay: 0.4,
      },
    ],
  };
}

export const stairwellRooftop: Piece = { titles: ['Stairwell', 'Rooftop'], genre: 'Electronic', arrange };
