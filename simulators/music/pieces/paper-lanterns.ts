/** Track 6: interlocking wooden bars in E flat, two patterns of different lengths that meet again every few bars. */

import { highPass, movingLowPass } from '../effects/filters.ts';
import { chorus } from '../effects/movement.ts';
import { warmPad } from '../instruments/analog-voice.ts';
import { drumKit } from '../instruments/drum-kit.ts';
import { electricPiano } from '../instruments/electric-piano.ts';
import { createPluckedString } from '../instruments/plucked-string.ts';
import { roundBass } from '../instruments/round-bass.ts';
import { glassBell, woodenBar } from '../instruments/struck-bar.ts';
import type { Arrangement } from '../mix/arrangement.ts';
import { arpeggio, bassLine, comp, sustain } from '../score/accompaniment.ts';
import { type ChordSpan, progression } from '../score/chord.ts';
import { drums } from '../score/drum-pattern.ts';
import { shifted, transposed } from '../score/note.ts';
import { phrase } from '../score/phrase.ts';
import type { Piece } from './piece.ts';

const BPM = 100;
const BAR = 4;
const FIRST = 4 * BAR;
const FULL = 8 * BAR;
const AWAY = 12 * BAR;
const HOME = 16 * BAR;
const CODA = 22 * BAR;
const END = 25 * BAR;

const AT_HOME = 'Ebmaj9 | Cm7 | Abmaj9 | Bb7sus';
const ELSEWHERE = 'F#maj9 | Ebm7 | Bmaj9 | Bb7sus';
const SPANS = progression(
  [AT_HOME, AT_HOME, AT_HOME, ELSEWHERE, AT_HOME, 'Ebmaj9 | Cm7', 'Abmaj9 | Bb7sus | Eb6/9'].join(' | '),
  BAR,
);

const TUNE = [
  'G5:1 Bb5:.5 C6:.5! Bb5:1 G5:1',
  'Eb5:1.5 F5:.5 G5:2',
  'C6:1.5! Bb5:.5 G5:1 Eb5:1',
  'F5:2 G5:1 Bb4:1',
].join(' | ');
const TUNE_AWAY = [
  'Bb5:1 C#6:.5 Eb6:.5! C#6:1 Bb5:1',
  'F#5:1.5 Ab5:.5 Bb5:2',
  'Eb6:1.5! C#6:.5 Bb5:1 F#5:1',
  'Ab5:2 Bb5:2',
].join(' | ');
const LAST_WORDS = 'C6:1.5! Bb5:.5 G5:1 Eb5:1 | F5:1 G5:1 Bb5:2 | Eb6:4';

const koto = createPluckedString({ ringSeconds: 2.6, damping: 0.18, brightness: 0.9, level: 0.26 });

function within(from: number, to: number): ChordSpan[] {
  return SPANS.filter((span) => span.beat >= from && span.beat < to);
}

function arrange(): Arrangement {
  // Six against eight: the accents wander through the bar and come home every three.
  const six = arpeggio(
    within(0, CODA + BAR),
    [0, 2, 3, 1, 4, 2],
    0.5,
    { low: 58, high: 75 },
    {
      velocity: 0.66,
      accentEvery: 3,
      lengthBeats: 0.4,
    },
  );
  const eight = arpeggio(
    within(FIRST, CODA + BAR),
    [3, 1, 2, 0, 3, 2, 4, 1],
    0.25,
    { low: 63, high: 80 },
    {
      velocity: 0.46,
      accentEvery: 4,
      lengthBeats: 0.2,
    },
  );
  const unison = [3, 5, 7, 10].map((step, place) => ({
    beat: CODA + 2 * BAR + place * 0.125,
    beats: 3,
    pitch: 60 + step,
    velocity: 0.7,
  }));
  return {
    seed: 59,
    airDecibels: 2.5,
    tempo: [
      { beat: 0, bpm: BPM },
      { beat: CODA, bpm: BPM },
      { beat: CODA + 2 * BAR, bpm: BPM * 0.84 },
    ],
    beats: END,
    tailSeconds: 3,
    cuts: [],
    reverb: { seconds: 1.8, damping: 0.35, preDelaySeconds: 0.02 },
    delay: { seconds: (60 / BPM) * 0.75, feedback: 0.35 },
    parts: [
      { instrument: woodenBar, notes: [...six, ...unison], decibels: -1, place: -0.3, reverb: 0.22, looseness: 0.004 },
      {
        instrument: woodenBar,
        notes: eight,
        decibels: -1,
        place: 0.35,
        reverb: 0.25,
        delay: 0.1,
        looseness: 0.004,
        level: [
          [FIRST, -12],
          [FIRST + 8, 0],
          [AWAY, -3],
          [HOME, 0],
        ],
      },
      {
        instrument: koto,
        notes: [
          ...phrase(TUNE, BAR, FULL),
          ...phrase(TUNE_AWAY, BAR, AWAY),
          ...phrase(TUNE, BAR, HOME),
          ...phrase(LAST_WORDS, BAR, CODA),
        ],
        decibels: 4.5,
        place: 0.05,
        reverb: 0.3,
        delay: 0.22,
      },
      {
        instrument: glassBell,
        notes: [
          ...shifted(transposed(phrase(TUNE, BAR, HOME), 0), 0, 0.6),
          ...phrase('G6:2 F6:2 | Eb6:4', BAR, HOME + 4 * BAR),
          ...phrase('-:4 | -:4 | G6:4', BAR, CODA),
        ],
        decibels: 0,
        place: -0.2,
        reverb: 0.5,
        delay: 0.3,
      },
      {
        instrument: roundBass,
        notes: [
          ...bassLine(
            within(FIRST, CODA),
            [
              [0, 1.3, 'root', 0.8],
              [1.5, 0.9, 'root', 0.55],
              [3, 0.45, 'fifth', 0.6],
              [3.5, 0.45, 'octave', 0.5],
            ],
            31,
          ),
          ...bassLine(within(CODA, END), [[0, 3.8, 'root', 0.7]], 31),
        ],
        decibels: -5.2,
      },
      {
        instrument: electricPiano,
        notes: comp(
          within(AWAY, CODA + BAR),
          [
            [0, 1.8, 0.45],
            [2.5, 1.2, 0.36],
          ],
          { low: 55, high: 74 },
        ),
        decibels: -2.5,
        reverb: 0.3,
        effects: [(bus) => chorus(bus, 0.5)],
      },
      {
        instrument: warmPad,
        notes: sustain([...within(AWAY, HOME), ...within(HOME, END)], { low: 51, high: 70 }, 0.6),
        decibels: -7,
        reverb: 0.35,
        effects: [
          (bus) => movingLowPass(bus, (seconds) => 900 + 400 * Math.sin(seconds * 0.8)),
          (bus) => highPass(bus, 170),
        ],
        level: [
          [AWAY - 1, -20],
          [AWAY + 4, 2],
          [HOME, -2],
          [CODA, 0],
        ],
      },
      {
        instrument: drumKit,
        notes: [
          ...drums({ shaker: 'xoxoxoxo' }, 0.5, FIRST, 4),
          ...drums({ thump: 'x..o....', rim: '....x..o', shaker: 'xoxoxoxo' }, 0.5, FULL, 4),
          ...drums({ shaker: 'o.o.o.o.', thump: 'x.......' }, 0.5, AWAY, 3),
          ...drums(
            { shaker: 'o.o.o.o.', thump: 'x.......', rim: '....o.xx', swell: 'x.......' },
            0.5,
            AWAY + 3 * BAR,
            1,
          ),
          ...drums({ kick: 'x..o..x.', brush: '..x...x.', rim: '...o...o', shaker: 'xoxoxoxo' }, 0.5, HOME, 6),
          ...drums({ thump: 'x.......', shaker: 'o.o.o.o.' }, 0.5, CODA, 2),
          ...drums({ thump: 'x.......' }, 0.5, CODA + 2 * BAR, 1),
        ],
        decibels: -2.4,
        reverb: 0.18,
      },
    ],
  };
}

export const paperLanterns: Piece = { titles: ['Paper Lanterns'], genre: 'World', arrange };
