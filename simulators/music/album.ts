/** The album: which pieces, in which order. */
import { kitchenWindow } from './pieces/kitchen-window.ts';
import { needleDown } from './pieces/needle-down.ts';
import { paperLanterns } from './pieces/paper-lanterns.ts';
import type { Piece } from './pieces/piece.ts';
import { runOutGroove } from './pieces/run-out-groove.ts';
import { skylightRain } from './pieces/skylight-rain.ts';
import { stairwellRooftop } from './pieces/stairwell-rooftop.ts';

/** Grows when anything that is heard, seen or read in the files changes: what was written before is then made anew. */
export const ALBUM_VERSION = '1';

export const ALBUM = {
  title: 'First Pressing',
  artist: 'The Tonearm Household Band',
  year: 2026,
  comment: 'Composed and played by Tonearm, sample by sample. CC0: yours to use as you like.',
  pieces: [needleDown, kitchenWindow, skylightRain, stairwellRooftop, paperLanterns, runOutGroove] as readonly Piece[],
} as const;
