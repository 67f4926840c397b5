/** What each row of the player bench is given. */
import type { VoidCount } from './rounds.ts';
import type { PlayerStage } from './stage.ts';

export interface RowContext {
  readonly stage: PlayerStage;
  /** Values per figure. */
  readonly rounds: number;
  readonly isSmoke: boolean;
  /** To play for, to see whether memory stays flat; 0 in a usual run. */
  readonly hours: number;
  readonly voids: VoidCount;
  readonly say: (line: string) => void;
}
