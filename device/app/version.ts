/** The version of this speaker's software; a test holds it to the package's. Written down, because a single-file build has no package.json. */
export const SPEAKER_VERSION = '0.1.0';
