/** What can go wrong while firmware is made, as one of a closed list, so that a test and a script can tell them apart. */
import { isErrorCode } from '#protocol/vocabulary/errors';

/** Each with what it means; the message says which file, which tool, what to do. */
export type BuildFailureCode =
  /** A program that is needed is not installed. */
  | 'build.tool-missing'
  /** A program that was started failed. */
  | 'build.tool-failed'
  /** A package, or what is kept of it, is not what the lock file says. */
  | 'build.base-corrupt'
  /** What Node knows of languages does not lie in it as it did in the versions that we know. */
  | 'build.icu-unknown'
  /** Not an ELF file, or not for this machine, or of a kind that cannot be used. */
  | 'build.wrong-elf'
  /** It asks for a newer C library than the oldest system that we promise. */
  | 'build.glibc-too-new'
  /** It asks for a newer C++ library than that system has. */
  | 'build.libstdcxx-too-new'
  /** It needs a library that is not on every system. */
  | 'build.library-unexpected'
  /** A path of the machine that built it is in it. */
  | 'build.host-path'
  | 'build.too-large'
  /** The same source gave different bytes. */
  | 'build.not-reproducible'
  /** What was made does not do on this machine what it is for. */
  | 'build.does-not-work';

/** Stops a build; nothing that it made so far is to be used. */
export class BuildFailure extends Error {
  readonly code: BuildFailureCode;

  /** @param message what was wrong and, where known, what to do; shown to people */
  constructor(code: BuildFailureCode, message: string) {
    super(message);
    this.name = 'BuildFailure';
    this.code = code;
  }
}

/** @returns the code of one of our failures; null for whatever else was thrown */
export function codeOf(thrown: unknown): string | null {
  if (thrown instanceof BuildFailure) return thrown.code;
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : null;
  return typeof code === 'string' && isErrorCode(code) ? code : null;
}
