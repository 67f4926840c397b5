/** The words of `--sink`: where a speaker plays, as people write it. */

export type SinkChoice =
  /** A sound server where one answers, else ALSA where there is a sound card, else `virtual`. */
  | { readonly kind: 'auto' }
  | { readonly kind: 'alsa'; readonly device: string }
  /** node-speaker, on an ALSA device. */
  | { readonly kind: 'speaker'; readonly device: string }
  /** '': the server's default. */
  | { readonly kind: 'pulse'; readonly device: string }
  | { readonly kind: 'file'; readonly path: string }
  /** Null: standard output. */
  | { readonly kind: 'pipe'; readonly path: string | null }
  | { readonly kind: 'virtual' };

/** For the help and for whoever wrote something else. */
export const SINK_WORDS = 'auto, alsa[:DEVICE], pulse[:SINK], file:PATH, pipe[:PATH], speaker[:DEVICE], virtual';

const DEFAULT_ALSA_DEVICE = 'default';

/** @returns null when it is none of `SINK_WORDS` */
export function parseSinkChoice(text: string): SinkChoice | null {
  const [, kind = text, rest] = /^([a-z]+):(.+)$/s.exec(text) ?? [];
  switch (kind) {
    case 'auto':
    case 'virtual':
      return rest === undefined ? { kind } : null;
    case 'alsa':
    case 'speaker':
      return { kind, device: rest ?? DEFAULT_ALSA_DEVICE };
    case 'pulse':
      return { kind, device: rest ?? '' };
    case 'file':
      return rest === undefined ? null : { kind, path: rest };
    case 'pipe':
      return { kind, path: rest ?? null };
    default:
      return null;
  }
}

/** As people wrote it: `alsa:default`, `file:/tmp/a.wav`, `virtual`, `auto`. */
export function describeSink(sink: SinkChoice): string {
  switch (sink.kind) {
    case 'alsa':
    case 'speaker':
    case 'pulse':
      return sink.device === '' ? sink.kind : `${sink.kind}:${sink.device}`;
    case 'file':
      return `file:${sink.path}`;
    case 'pipe':
      return sink.path === null ? sink.kind : `pipe:${sink.path}`;
    case 'virtual':
    case 'auto':
      return sink.kind;
  }
}

/** Whether standard output belongs to the sound, so that everything said goes to standard error. */
export function playsToStdout(sink: SinkChoice): boolean {
  return sink.kind === 'pipe' && sink.path === null;
}
