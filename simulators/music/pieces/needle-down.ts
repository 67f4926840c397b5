/** Track 1: an easy, swinging groove in F for electric piano, bass, brushes and a whistle. AABA with a short way in. */

import { highPass, movingLowPass } from '../effects/filters.ts';
import { autoPan, chorus } from '../effects/movement.ts';
import { warmPad } from '../instruments/analog-voice.ts';
import { breathLead } from '../instruments/breath-lead.ts';
import { drumKit } from '../instruments/drum-kit.ts';
import { electricPiano } from '../instruments/electric-piano.ts';
import { roundBass } from '../instruments/round-bass.ts';
import { glassBell } from '../instruments/struck-bar.ts';
import type { Arrangement } from '../mix/arrangement.ts';
import { type BassHit, bassLine, comp, type Hit, sustain } from '../score/accompaniment.ts';
import { type ChordSpan, progression } from '../score/chord.ts';
import { drums } from '../score/drum-pattern.ts';
import { shifted } from '../score/note.ts';
import { phrase } from '../score/phrase.ts';
import type { Piece } from './piece.ts';

const BPM = 86;
const BAR = 4;
const SWING = { stepBeats: 0.5, amount: 0.6 };

const INTRO = 0;
const FIRST = 2 * BAR;
const BRIDGE = FIRST + 8 * BAR;
const LAST = BRIDGE + 4 * BAR;
const CODA = LAST + 4 * BAR;
const END = CODA + 3 * BAR;

const THEME = [
  'A4:1 C5:.5 E5:1! C5:.5 D5:1',
  'E5:.5 D5:.5 Bb4:1 C#5:1 E5:.5 G5:.5',
  'F5:1.5! E5:.5 D5:1 A4:1',
  'Eb5:1 D5:.5 C5:.5 A4:1 D5:.5 C5:.5~',
].join(' | ');
const ANSWER = [
  'D5:1.5 F5:.5! C5:2',
  'Db5:1.5 F5:.5 Ab5:1! F5:1',
  'E5:1 G5:.5 E5:.5 F#5:1 Eb5:1',
  'D5:1 Bb4:.5 A4:.5 -:.5 E4:.5~ G4:1',
].join(' | ');
const MIDDLE = ['F5:3 G5:.5 A5:.5', 'G5:2! E5:2', 'Eb5:1 G5:1 Bb5:2!', 'A5:1 F5:1 D5:1 E5:1'].join(' | ');
const FAREWELL = ['D5:1 F5:.5 A5:1! F5:.5 E5:1', 'G5:3 -:1', '-:4'].join(' | ');

const VERSE = 'Fmaj9 | Em7b5 A7b9 | Dm7 | Cm7 F13 | Bbmaj9 | Bbm7 | Am7 D7b9 | Gm9 C13';
const SPANS = progression(
  [
    'Fmaj9 | Gm9 C13',
    VERSE,
    'Bbmaj9 | Am9 | G#maj9 | Gm11 C13',
    'Fmaj9 | Em7b5 A7b9 | Dm7 | Cm7 F13',
    'Gm9 C13 | Fmaj9 | Fmaj9',
  ].join(' | '),
  BAR,
);

/** The Charleston: on one, and just before three. */
const COMP: readonly Hit[] = [
  [0, 1.3, 0.62],
  [1.5, 0.7, 0.5],
  [2.5, 1.1, 0.42],
];
const WALK: readonly BassHit[] = [
  [0, 1.4, 'root', 0.8],
  [1.5, 0.45, 'octave', 0.5],
  [2, 1.3, 'fifth', 0.7],
  [3.5, 0.5, 'approach', 0.55],
];
/** For chords of half a bar. */
const STEP: readonly BassHit[] = [
  [0, 1.4, 'root', 0.78],
  [1.5, 0.5, 'approach', 0.5],
];

function within(from: number, to: number): ChordSpan[] {
  return SPANS.filter((span) => span.beat >= from && span.beat < to);
}

function bass(): Arrangement['parts'][number]['notes'] {
  const moving = SPANS.filter((span) => span.beat >= FIRST && span.beat < CODA + BAR);
  const notes = moving.flatMap((span, index) => {
    const pair = [span, ...moving.slice(index + 1, index + 2)];
    return bassLine(pair, span.beats < BAR ? STEP : WALK, 29).filter((note) => note.beat < span.beat + span.beats);
  });
  return [...notes, { beat: CODA + BAR, beats: 7, pitch: 29, velocity: 0.75 }];
}

function lead(): Arrangement['parts'][number]['notes'] {
  return [
    ...phrase(THEME, BAR, FIRST),
    ...phrase(ANSWER, BAR, FIRST + 4 * BAR),
    ...phrase(MIDDLE, BAR, BRIDGE),
    ...phrase(THEME, BAR, LAST),
    ...phrase(FAREWELL, BAR, CODA),
  ];
}

function beat(): Arrangement['parts'][number]['notes'] {
  const verse = { kick: 'x..o..x.', brush: '..x...x.', hat: 'xoxoxoxo' };
  const fuller = { kick: 'x..o..xo', snare: '..x...x.', hat: 'xoxoxoxo', rim: '.....o..' };
  return [
    ...drums({ shaker: 'oxoxoxox' }, 0.5, INTRO, 2),
    ...drums({ brush: '.....oox' }, 0.5, FIRST - BAR, 1),
    ...drums(verse, 0.5, FIRST, 8),
    ...drums({ ride: 'xoxoxoxo', thump: 'x.......', rim: '..o...o.' }, 0.5, BRIDGE, 3),
    ...drums({ ride: 'xoxo....', thump: 'x.......', snare: '....ooxx', swell: 'x.......' }, 0.5, BRIDGE + 3 * BAR, 1),
    ...drums(fuller, 0.5, LAST, 4),
    ...drums({ kick: 'x..o..x.', snare: '..x...xx', hat: 'xoxoxo..' }, 0.5, CODA, 1),
    ...drums({ thump: 'x.......', ride: 'x.......' }, 0.5, CODA + BAR, 1),
  ];
}

function arrange(): Arrangement {
  const chords = [
    ...comp(within(INTRO, CODA), COMP, { low: 53, high: 74 }),
    ...comp(within(CODA, CODA + BAR), [[0, 1.9, 0.55]], { low: 53, high: 74 }),
    ...[53, 57, 64, 67, 72].map((pitch, voice) => ({
      beat: CODA + BAR + voice * 0.09,
      beats: 7,
      pitch,
      velocity: 0.5,
    })),
  ];
  const bells = phrase('A5:1.5 C6:.5 E6:2 | -:4 | A6:4', BAR, CODA);
  return {
    seed: 11,
    airDecibels: 6,
    tempo: [
      { beat: 0, bpm: BPM },
      { beat: CODA, bpm: BPM },
      { beat: CODA + BAR, bpm: BPM * 0.82 },
      { beat: END, bpm: BPM * 0.8 },
    ],
    beats: END,
    tailSeconds: 2,
    cuts: [],
    reverb: { seconds: 1.6, damping: 0.35, preDelaySeconds: 0.018 },
    delay: { seconds: (60 / BPM) * 0.75, feedback: 0.35 },
    parts: [
      {
        instrument: electricPiano,
        notes: chords,
        // Alone at first, and then under a band.
        level: [
          [FIRST - 1, 4],
          [FIRST + 1, 0],
        ],
        decibels: 1.5,
        swing: SWING,
        reverb: 0.2,
        effects: [(bus) => chorus(bus, 0.35), (bus) => autoPan(bus, 4.6, 0.35), (bus) => highPass(bus, 110)],
      },
      { instrument: roundBass, notes: bass(), decibels: -3.2, swing: SWING },
      { instrument: drumKit, notes: beat(), decibels: 0.2, swing: SWING, reverb: 0.1, looseness: 0.004 },
      {
        instrument: breathLead,
        notes: lead(),
        decibels: -2.7,
        place: 0.12,
        swing: SWING,
        reverb: 0.3,
        delay: 0.2,
      },
      {
        instrument: glassBell,
        notes: [...shifted(phrase(MIDDLE, BAR, BRIDGE), 0, 0.5), ...bells],
        decibels: 0.5,
        place: -0.3,
        reverb: 0.5,
        delay: 0.3,
      },
      {
        instrument: warmPad,
        notes: sustain(within(BRIDGE, CODA), { low: 57, high: 76 }, 0.5),
        decibels: -2,
        reverb: 0.3,
        effects: [
          (bus) => movingLowPass(bus, (seconds) => 900 + 500 * Math.sin(seconds * 0.7)),
          (bus) => highPass(bus, 200),
        ],
        level: [
          [BRIDGE - 1, -30],
          [BRIDGE + 2, 0],
          [LAST, -2],
          [CODA, -8],
        ],
      },
    ],
  };
}

export const needleDown: Piece = { titles: ['Needle Down'], genre: 'Downtempo', arrange };
