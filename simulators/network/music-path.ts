/** Which requests are for music: files and the heads of tracks (spec section 8). The others are manifests and health. */
export const MUSIC_PATH = /^\/content\/v1\/(?:files|heads)\//;
