/** Track 7: a slow goodnight in D flat. The piano alone, then the others one by one, and alone again. */

import { highPass, movingLowPass } from '../effects/filters.ts';
import { autoPan, chorus } from '../effects/movement.ts';
import { warmPad } from '../instruments/analog-voice.ts';
import { breathLead } from '../instruments/breath-lead.ts';
import { drumKit } from '../instruments/drum-kit.ts';
import { electricPiano } from '../instruments/electric-piano.ts';
import { roundBass } from '../instruments/round-bass.ts';
import { glassBell } from '../instruments/struck-bar.ts';
import type { Arrangement } from '../mix/arrangement.ts';
import { arpeggio, bassLine, comp, sustain } from '../score/accompaniment.ts';
import { type ChordSpan, progression } from '../score/chord.ts';
import { drums } from '../score/drum-pattern.ts';
import { phrase } from '../score/phrase.ts';
import type { Piece } from './piece.ts';

const BPM = 70;
const BAR = 4;
const SECOND = 4 * BAR;
const BRIDGE = 8 * BAR;
const LAST = 12 * BAR;
const CODA = 15 * BAR;
const END = 17 * BAR;

const SPANS = progression(
  [
    'Dbmaj9 | Bbm7 | Gbmaj9 | Ab13sus',
    'Dbmaj9 | Fm7 Bb7b9 | Ebm7 | Ab13sus Ab9',
    'Gbmaj9 | Fm7 | Ebm7 | Dbmaj9/F',
    'Gbmaj9 | Gbm7 | Dbmaj9/Ab Bbm7',
    'Ebm9 Ab13sus | Db6/9',
  ].join(' | '),
  BAR,
);

const SONG = [
  'F5:2! Eb5:1 C5:1',
  'Db5:2 -:.5 Ab4:.5 Bb4:.5 C5:.5',
  'Db5:1.5 F5:.5 Bb4:2',
  'Db5:1 Bb4:1 Ab4:1 Eb5:1',
  'F5:2! Ab5:1 Eb5:1',
  'C5:1 Eb5:1 D5:1 F5:1',
  'Gb5:1.5! F5:.5 Db5:1 Bb4:1',
  'Db5:2 C5:1 Eb5:1',
  'Ab5:1.5! F5:.5 Db5:2',
  'C5:1 Eb5:1 Ab5:2',
  'Gb5:1.5 F5:.5 Db5:1 Bb4:1',
  'C5:1.5 Db5:.5 F5:2',
  'Bb5:1.5! Ab5:.5 F5:1 Db5:1',
  'A5:1.5 Ab5:.5 E5:1 Db5:1',
  'F5:1.5 Eb5:.5 C5:1 Db5:1',
  'F5:1~ Db5:1 C5:1 Eb5:1',
  'Db5:4~',
].join(' | ');

function within(from: number, to: number): ChordSpan[] {
  return SPANS.filter((span) => span.beat >= from && span.beat < to);
}

function arrange(): Arrangement {
  const song = phrase(SONG, BAR);
  const last = [49, 56, 63, 65, 70, 80].map((pitch, voice) => ({
    beat: CODA + BAR + voice * 0.16,
    beats: 6,
    pitch,
    velocity: 0.42 - voice * 0.02,
  }));
  const broken = arpeggio(
    within(SECOND, CODA),
    [0, 1, 2, 3, 2, 1],
    0.5,
    { low: 56, high: 72 },
    {
      velocity: 0.36,
      accentEvery: 4,
      lengthBeats: 1.2,
    },
  );
  return {
    seed: 71,
    airDecibels: 7,
    tempo: [
      { beat: 0, bpm: BPM * 0.96 },
      { beat: SECOND, bpm: BPM },
      { beat: LAST + 2 * BAR, bpm: BPM },
      { beat: CODA + BAR, bpm: BPM * 0.74 },
    ],
    beats: END,
    tailSeconds: 4,
    cuts: [],
    reverb: { seconds: 2.6, damping: 0.32, preDelaySeconds: 0.025 },
    delay: { seconds: (60 / BPM) * 0.5, feedback: 0.3 },
    parts: [
      {
        instrument: electricPiano,
        notes: [
          ...comp(within(0, SECOND), [[0, 3.7, 0.45]], { low: 53, high: 72 }),
          ...comp(within(SECOND, CODA + BAR), [[0, 1.9, 0.4]], { low: 53, high: 72 }),
          ...broken,
          ...song.filter((note) => note.beat < SECOND || note.beat >= CODA),
          ...last,
        ],
        decibels: 2,
        reverb: 0.3,
        delay: 0.08,
        looseness: 0.012,
        effects: [(bus) => chorus(bus, 0.4), (bus) => autoPan(bus, 3.4, 0.3), (bus) => highPass(bus, 80)],
      },
      {
        instrument: breathLead,
        notes: song.filter((note) => note.beat >= SECOND && note.beat < CODA),
        decibels: -5.5,
        place: 0.08,
        reverb: 0.4,
        delay: 0.15,
      },
      {
        instrument: roundBass,
        notes: [
          ...bassLine(
            within(SECOND, CODA + BAR),
            [
              [0, 1.9, 'root', 0.65],
              [2.5, 1.4, 'fifth', 0.45],
            ],
            30,
          ),
          { beat: CODA + BAR, beats: 5, pitch: 37, velocity: 0.55 },
        ],
        decibels: -4,
        looseness: 0.008,
      },
      {
        instrument: warmPad,
        notes: sustain(within(SECOND, END), { low: 54, high: 73 }, 0.6),
        decibels: -4.3,
        reverb: 0.4,
        effects: [
          (bus) =>
            movingLowPass(
              bus,
              (seconds) => 650 + 900 * Math.sin(Math.min(Math.PI, seconds / 19)) ** 2 + 150 * Math.sin(seconds),
            ),
          (bus) => chorus(bus, 0.4, 0.4),
          (bus) => highPass(bus, 150),
        ],
        level: [
          [SECOND, -18],
          [BRIDGE, -2],
          [LAST, 1],
          [CODA, -4],
          [END, -10],
        ],
      },
      {
        instrument: drumKit,
        notes: [
          ...drums({ brush: '..o...o.', thump: 'x....o..' }, 0.5, SECOND + 2 * BAR, 2),
          ...drums({ brush: '..x...x.', thump: 'x..o.o..', ride: 'xoxoxoxo' }, 0.5, BRIDGE, 4),
          ...drums({ brush: '..x...x.', kick: 'x..o.o..', ride: 'xoxoxoxo', rim: '......o.' }, 0.5, LAST, 2),
          ...drums({ brush: '..x...o.', thump: 'x.......', ride: 'xoxo....' }, 0.5, LAST + 2 * BAR, 1),
        ],
        decibels: -2,
        reverb: 0.25,
        swing: { stepBeats: 0.5, amount: 0.56 },
      },
      {
        instrument: glassBell,
        notes: phrase('Ab6:4 | -:4 | F6:2 Db6:2 | -:4', BAR, BRIDGE).concat(phrase('-:4 | Ab6:4~', BAR, CODA)),
        decibels: -5,
        place: 0.35,
        reverb: 0.6,
        delay: 0.4,
      },
    ],
  };
}

export const runOutGroove: Piece = { titles: ['Run-Out Groove'], genre: 'Jazz', arrange };
