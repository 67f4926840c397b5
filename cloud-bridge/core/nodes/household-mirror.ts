/**
 * One account's household as a front door shows it: followed as a phone does, with what only doors show asked for after
 * each event. Views are asked for at once, so they must be at hand before.
 */
import type { AccountId } from '#protocol/vocabulary/ids';
import type { HouseholdSnapshot } from '#protocol/wire/household';
import type { Household } from '../ports/household.ts';
import { followHousehold, type HouseholdFollower } from '../services/house-bus/household-follower.ts';
import type { FrontDoor, ToldSession } from './front-door.ts';
import { MIRROR_WITHIN } from './node-limits.ts';

export class HouseholdMirror {
  readonly #door: Pick<FrontDoor, 'ask'>;
  readonly #accountId: AccountId;
  readonly #follower: HouseholdFollower;
  readonly #seen = Promise.withResolvers<void>();
  #told: ToldSession = { session: null, played: [] };
  #asking: Promise<void> | null = null;
  #isStale = false;

  /** @param household whose phone it is */
  constructor(household: Pick<Household, 'acceptPhone'>, door: Pick<FrontDoor, 'ask'>, accountId: AccountId) {
    this.#door = door;
    this.#accountId = accountId;
    this.#follower = followHousehold(household, accountId, () => {
      void this.refresh().then(() => this.#seen.resolve());
    });
  }

  view(): HouseholdSnapshot | null {
    return this.#follower.view();
  }

  told(): ToldSession {
    return this.#told;
  }

  /** Resolves when there is something to show. */
  whenSeen(): Promise<void> {
    return this.#seen.promise;
  }

  /** Resolves when what was so at the time of the call is known, or cannot be had. */
  async refresh(): Promise<void> {
    this.#isStale = true;
    // One question at a time: the answer to one that was asked before this call may be too old.
    while (this.#isStale || this.#asking !== null) {
      this.#asking ??= this.#ask();
      await this.#asking;
    }
  }

  stop(): void {
    this.#follower.stop();
  }

  async #ask(): Promise<void> {
    this.#isStale = false;
    const told = await this.#door.ask(this.#accountId, MIRROR_WITHIN);
    if (told.ok) this.#told = told.value;
    this.#asking = null;
  }
}
