/** Randomness, as a core may know it. Seeded in simulations so that a failing run can be had again. */
export interface Random {
  /** Uniform in [0, 1). */
  fraction(): number;
  /** `length` characters of base64url; from the system's CSPRNG in real processes. */
  token(length: number): string;
}
