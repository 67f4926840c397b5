/** A piece of the album: one arrangement, and the titles of the files it becomes (more than one where it is cut). */
import type { Arrangement } from '../mix/arrangement.ts';

export interface Piece {
  readonly titles: readonly string[];
  readonly genre: string;
  arrange(): Arrangement;
}
