/** Track 2: a waltz in G for plucked strings, with a whistle over it. Two verses around a middle that looks out further. */

import { addResonance, highPass, movingLowPass } from '../effects/filters.ts';
import { warmPad } from '../instruments/analog-voice.ts';
import { breathLead } from '../instruments/breath-lead.ts';
import { drumKit } from '../instruments/drum-kit.ts';
import { createPluckedString } from '../instruments/plucked-string.ts';
import { glassBell, woodenBar } from '../instruments/struck-bar.ts';
import type { Arrangement } from '../mix/arrangement.ts';
import { arpeggio, bassLine, sustain } from '../score/accompaniment.ts';
import { progression } from '../score/chord.ts';
import { drums } from '../score/drum-pattern.ts';
import { shifted, transposed } from '../score/note.ts';
import { phrase } from '../score/phrase.ts';
import type { Piece } from './piece.ts';

const BPM = 112;
const BAR = 3;
const FIRST = 4 * BAR;
const MIDDLE = FIRST + 8 * BAR;
const LAST = MIDDLE + 8 * BAR;
const CODA = LAST + 8 * BAR;
const END = CODA + 5 * BAR;

const VERSE = 'Gadd9 | Em7 | Cmaj7 | Dsus4 D | Gadd9/B | Cmaj7 | Am7 | D7sus';
const OUTLOOK = 'Em9 | Bm7 | Cmaj9 | Gmaj7/B | Am9 | Em7 | Fmaj7 | D7sus';
const CLOSE = 'Gadd9 | Cmaj7 | Gadd9/B | Dsus4 | Gadd9';
const SPANS = progression(['Gadd9 | Cmaj7 | Gadd9/B | Dsus4', VERSE, OUTLOOK, VERSE, CLOSE].join(' | '), BAR);

const TUNE = 'D5:2 B4:1 | G5:2! F#5:1 | E5:2 B4:1 | G4:1 A4:2 | D5:2 B4:1 | G5:1! E5:1 D5:1 | B4:.5 C5:.5 E5:1 A4:1';
const TUNE_OPEN = `${TUNE} | G4:1~ A4:1 C5:1`;
const TUNE_CLOSED = `${TUNE} | A4:2 G4:1~`;
const FAR = [
  'B4:1 E5:1 F#5:1',
  'A5:2! F#5:1',
  'G5:2 D5:1',
  'D5:3',
  'C5:1 E5:1 G5:1',
  'B5:2! G5:1',
  'A5:1 G5:1 E5:1',
  'G5:1.5 E5:.5 D5:1',
].join(' | ');
const LEAVING = 'G4:2 -:1 | E5:1.5 D5:.5 B4:1 | D5:2 B4:1~ | A4:1 G4:2~ | -:3';

/** Nylon over spruce. */
const guitar = createPluckedString({ ringSeconds: 3.6, damping: 0.32, brightness: 0.62, level: 0.3 });
const harp = createPluckedString({ ringSeconds: 4.2, damping: 0.22, brightness: 0.8, level: 0.24 });
const doubleBass = createPluckedString({ ringSeconds: 2.2, damping: 0.46, brightness: 0.35, level: 0.5 });

function arrange(): Arrangement {
  const moving = SPANS.filter((span) => span.beat < END - BAR);
  const picking = arpeggio(
    moving,
    [0, 2, 3, 4, 3, 2],
    0.5,
    { low: 52, high: 70 },
    {
      velocity: 0.62,
      accentEvery: 6,
      lengthBeats: 1.6,
    },
  );
  const low = bassLine(moving, [[0, 2.6, 'root', 0.7]], 40);
  const deep = bassLine(
    SPANS.filter((span) => span.beat >= FIRST + 4 * BAR && span.beat < END - BAR),
    [
      [0, 1.9, 'root', 0.75],
      [2, 0.9, 'fifth', 0.45],
    ],
    28,
  );
  const last = [43, 50, 55, 59, 62, 67, 71, 74].map((pitch, string) => ({
    beat: END - BAR + string * 0.14,
    beats: 6,
    pitch,
    velocity: 0.6 - string * 0.03,
  }));
  return {
    seed: 23,
    airDecibels: 2,
    tempo: [
      { beat: 0, bpm: BPM * 0.97 },
      { beat: FIRST, bpm: BPM },
      { beat: CODA + BAR, bpm: BPM },
      { beat: END - BAR, bpm: BPM * 0.7 },
    ],
    beats: END,
    tailSeconds: 2.2,
    cuts: [],
    reverb: { seconds: 1.9, damping: 0.3, preDelaySeconds: 0.022 },
    delay: { seconds: 60 / BPM, feedback: 0.25 },
    parts: [
      {
        instrument: guitar,
        notes: [...picking, ...low, ...last],
        decibels: 0,
        place: -0.15,
        reverb: 0.22,
        looseness: 0.009,
        effects: [
          (bus) => addResonance(bus, 104, 4, 0.7),
          (bus) => addResonance(bus, 215, 4, 0.5),
          (bus) => addResonance(bus, 430, 3, 0.2),
          (bus) => highPass(bus, 70),
        ],
      },
      { instrument: doubleBass, notes: deep, decibels: -4, looseness: 0.006, reverb: 0.05 },
      {
        instrument: breathLead,
        notes: [
          ...phrase(TUNE_OPEN, BAR, FIRST),
          ...phrase(FAR, BAR, MIDDLE),
          ...phrase(TUNE_CLOSED, BAR, LAST),
          ...phrase(LEAVING, BAR, CODA),
        ],
        decibels: -3,
        place: 0.15,
        reverb: 0.35,
        delay: 0.12,
      },
      {
        instrument: harp,
        notes: [
          ...shifted(transposed(phrase(TUNE_CLOSED, BAR, LAST), 12), 0, 0.55),
          ...arpeggio(
            SPANS.filter((span) => span.beat >= MIDDLE && span.beat < LAST),
            [0, 1, 2, 3],
            0.75,
            { low: 67, high: 86 },
            { velocity: 0.4, accentEvery: 4, lengthBeats: 2 },
          ),
        ],
        decibels: 4.5,
        place: 0.4,
        reverb: 0.4,
        delay: 0.2,
        looseness: 0.008,
      },
      {
        instrument: woodenBar,
        notes: drumless(LAST),
        decibels: -4,
        place: -0.45,
        reverb: 0.3,
      },
      {
        instrument: warmPad,
        notes: sustain(
          SPANS.filter((span) => span.beat >= MIDDLE && span.beat < CODA + 2 * BAR),
          { low: 50, high: 69 },
          0.5,
          3,
        ),
        decibels: 0.5,
        reverb: 0.3,
        effects: [
          (bus) => movingLowPass(bus, (seconds) => 700 + 300 * Math.sin(seconds * 0.9)),
          (bus) => highPass(bus, 160),
        ],
        level: [
          [MIDDLE - 2, -25],
          [MIDDLE + 6, 0],
          [LAST, -3],
          [CODA, -10],
        ],
      },
      {
        instrument: drumKit,
        notes: [
          ...drums({ shaker: 'x.oox.' }, 0.5, FIRST + 4 * BAR, 12),
          ...drums({ brush: '..o.o.', shaker: 'x.oox.', thump: 'x.....' }, 0.5, LAST, 8),
        ],
        decibels: 1,
        reverb: 0.15,
      },
      {
        instrument: glassBell,
        notes: phrase('D6:3 | B5:3 | G5:3 | A5:3 | G6:3', BAR, CODA),
        decibels: -5,
        place: 0.3,
        reverb: 0.6,
        delay: 0.3,
      },
    ],
  };
}

/** Quiet wooden notes on the offbeats of the last verse. */
function drumless(fromBeat: number): ReturnType<typeof phrase> {
  const bars = 'D5:1 -:1 B4:1 | E5:1 -:1 B4:1 | E5:1 -:1 G4:1 | D5:1 -:1 A4:1';
  return [...phrase(bars, BAR, fromBeat), ...phrase(bars, BAR, fromBeat + 4 * BAR)];
}

export const kitchenWindow: Piece = { titles: ['Kitchen Window'], genre: 'Folk', arrange };
