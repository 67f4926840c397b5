/** The album: which pieces, in which order. */
import { kitchenWindow } from './pieces/kitchen-window.ts';
import { needleDown } from './pieces/needle-down.ts';
import { paperLanterns } from './pieces/paper-lanterns.ts';
import type { Piece } from './pieces/piece.ts';
import { runOutGroove } from './pieces/run-out-groove.ts';
import { skylightRain } from './pieces/skylight-rain.ts';
import { stairwellRooftop } from './pieces/stairwell-rooftop.ts';

/** What is composed into a folder. */
export interface Album {
  /** Changes when anything that is heard, seen or read in the files does: what an older one wrote is then made anew. */
  readonly version: string;
  readonly title: string;
  readonly artist: string;
  readonly year: number;
  readonly comment: string;
  readonly pieces: readonly Piece[];
}

export const ALBUM: Album = {
  version: '1',
  title: 'First Pressing',
  artist: 'The Tonearm Household Band',
  year: 2026,
  comment: 'Composed and played by Tonearm, sample by sample. CC0: yours to use as you like.',
  pieces: [needleDown, kitchenWindow, skylightRain, stairwellRooftop, paperLanterns, runOutGroove],
};
