/** Track 3: slow and wide, in D minor with a bright end: pads that open and close, and drops of glass that echo. */

import { highPass, movingLowPass } from '../effects/filters.ts';
import { chorus } from '../effects/movement.ts';
import { warmPad } from '../instruments/analog-voice.ts';
import { breathLead } from '../instruments/breath-lead.ts';
import { drumKit } from '../instruments/drum-kit.ts';
import { electricPiano } from '../instruments/electric-piano.ts';
import { roundBass } from '../instruments/round-bass.ts';
import { glassBell } from '../instruments/struck-bar.ts';
import type { Arrangement } from '../mix/arrangement.ts';
import { arpeggio, bassLine, sustain } from '../score/accompaniment.ts';
import { type ChordSpan, progression } from '../score/chord.ts';
import { drums } from '../score/drum-pattern.ts';
import { createNoise } from '../score/noise.ts';
import type { Note } from '../score/note.ts';
import { phrase } from '../score/phrase.ts';
import { leadAll } from '../score/voicing.ts';
import type { Piece } from './piece.ts';

const BPM = 64;
const SPAN = 8;
const END = 15 * 4;
const SPANS = progression('Dm9 | Bbmaj7#11 | Fmaj9/A | C6/9 | Gm7 | Dm9/F | Bbmaj9', SPAN).concat(
  progression('Dadd9', 4, 7 * SPAN),
);

const CALL = [
  '-:4 | -:4 | -:4 | -:2 A4:1 C5:1',
  'E5:3! D5:.5 C5:.5 | C5:3 -:1',
  'D5:2 E5:1 G5:1 | A5:3! G5:1',
  'Bb5:1.5! A5:.5 G5:1 D5:1 | F5:3 -:1',
  'E5:2 F5:1 A5:1 | D5:4',
  'F5:1.5 G5:.5 A5:1! C6:1 | A5:2 F5:1 E5:1',
  'F#5:4',
].join(' | ');

/** Drops: tones of the moment's chord, high up, when chance says so, thicker towards the middle of the piece. */
function drops(spans: readonly ChordSpan[]): Note[] {
  const noise = createNoise(77);
  const voicings = leadAll(
    spans.map((span) => span.chord),
    { low: 74, high: 93 },
  );
  return spans.flatMap((span, index) => {
    const notes: Note[] = [];
    for (let step = 0; step < span.beats * 2; step += 1) {
      const beat = span.beat + step / 2;
      const density = 0.22 + 0.3 * Math.sin((Math.PI * beat) / END) ** 2;
      if ((noise() + 1) / 2 > density) continue;
      const voicing = voicings[index] ?? [];
      const pitch = voicing[Math.floor(((noise() + 1) / 2) * voicing.length)] ?? 81;
      notes.push({ beat, beats: 1, pitch, velocity: 0.45 + 0.2 * noise() });
    }
    return notes;
  });
}

/** Opens over two thirds of the piece, and closes again; the slow sine is the weather. */
function skyHz(seconds: number): number {
  const arc = Math.sin(Math.PI * Math.min(1, seconds / 58)) ** 1.5;
  return 420 + 1_900 * arc + (120 + 380 * arc) * Math.sin(seconds * 0.55);
}

function arrange(): Arrangement {
  const heartbeat = SPANS.filter((span) => span.beat >= 2 * SPAN && span.beat < 7 * SPAN);
  const figure = SPANS.filter((span) => span.beat >= SPAN && span.beat < 7 * SPAN);
  const finish = [50, 57, 62, 66, 69, 76].map((pitch, voice) => ({
    beat: 7 * SPAN + voice * 0.18,
    beats: 6,
    pitch,
    velocity: 0.42,
  }));
  return {
    seed: 31,
    airDecibels: 7,
    tempo: [
      { beat: 0, bpm: BPM },
      { beat: 6.5 * SPAN, bpm: BPM },
      { beat: 7 * SPAN, bpm: BPM * 0.85 },
    ],
    beats: END,
    tailSeconds: 5,
    cuts: [],
    reverb: { seconds: 4.2, damping: 0.28, preDelaySeconds: 0.035 },
    delay: { seconds: (60 / BPM) * 0.75, feedback: 0.52 },
    parts: [
      {
        instrument: warmPad,
        notes: sustain(SPANS, { low: 50, high: 72 }, 0.7),
        decibels: -1,
        reverb: 0.4,
        effects: [
          (bus) => movingLowPass(bus, skyHz, 1.1),
          (bus) => chorus(bus, 0.5, 0.35),
          (bus) => highPass(bus, 110),
        ],
        level: [
          [0, -7],
          [6, 0],
          [44, 1.5],
          [END - 6, -3],
        ],
      },
      { instrument: glassBell, notes: drops(SPANS), decibels: 4, reverb: 0.5, delay: 0.55 },
      {
        instrument: electricPiano,
        notes: [
          ...arpeggio(
            figure,
            [0, 1, 2, 3, 2, 1, 3, 2],
            0.5,
            { low: 57, high: 76 },
            {
              velocity: 0.36,
              accentEvery: 4,
              lengthBeats: 1.5,
            },
          ),
          ...finish,
        ],
        decibels: 3,
        place: -0.15,
        reverb: 0.35,
        delay: 0.2,
        level: [
          [SPAN, -14],
          [2 * SPAN, -3],
          [4 * SPAN, 0],
        ],
      },
      {
        instrument: roundBass,
        notes: [
          ...bassLine(SPANS.slice(1, 7), [[0, 7.2, 'root', 0.6]], 29),
          ...bassLine(heartbeat, [[6, 1.8, 'fifth', 0.4]], 29),
          { beat: 7 * SPAN, beats: 5, pitch: 38, velocity: 0.6 },
        ],
        decibels: -3,
      },
      { instrument: breathLead, notes: phrase(CALL, 4), decibels: -6.5, place: 0.1, reverb: 0.4, delay: 0.3 },
      {
        instrument: drumKit,
        notes: [
          ...drums({ thump: 'x......o', shaker: '...o...o' }, 0.5, 3 * SPAN, 2),
          ...drums({ thump: 'x......o', shaker: 'o..x.oo.', rim: '....o...' }, 0.5, 4 * SPAN, 6),
          ...drums({ swell: 'x...' }, 1, 4 * SPAN - 2, 1),
          ...drums({ swell: 'x...' }, 1, 7 * SPAN - 2, 1),
        ],
        decibels: -3,
        reverb: 0.4,
      },
    ],
  };
}

export const skylightRain: Piece = { titles: ['Rain on the Skylight'], genre: 'Ambient', arrange };
