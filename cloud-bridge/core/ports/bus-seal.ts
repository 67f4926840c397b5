/** Text that only bridges of the same household can read and make: they share a key in their store, the broker has none. */
export interface BusSeal {
  /** @param place where it is said; it opens nowhere else */
  close(text: string, place: string): string;
  /** Null: not made by one of us, for this place. */
  open(sealed: string, place: string): string | null;
}
