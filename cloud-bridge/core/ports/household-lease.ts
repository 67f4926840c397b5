/**
 * Which of several bridges that share a store is the household's home: one row, with a term that only grows. No clock is
 * in it, since machines' calendars step: whoever wants to take it must have seen the holder's beats stand still for as
 * long as it takes, by a clock of its own.
 */
export interface LeaseView {
  /** Null: nobody's. */
  readonly node: string | null;
  /** Grows by one with each holder. */
  readonly term: number;
  /** Grows by one with each renewal. */
  readonly beats: number;
}

export interface HouseholdLease {
  read(): Promise<LeaseView>;
  /** Takes it, if it still is as it was seen. @returns the new term; null when somebody was quicker */
  take(node: string, seen: LeaseView): Promise<number | null>;
  /** @returns false when the term is over: somebody else's has begun, or it was released */
  renew(term: number): Promise<boolean>;
  /** Gives it to whoever wants it. Harmless when the term is over. */
  release(term: number): Promise<void>;
}
