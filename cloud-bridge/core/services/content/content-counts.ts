/** What the bridge counts of its own content service, and how Prometheus reads it. Each name is explained in `cloud-bridge/README.md`. */
import type { TokenRefusal } from '#bridge/core/services/access/content-token-check';
import type { AccessRefusal } from '#bridge/core/services/playback/access-policy';
import { type Metric, renderPrometheus } from './prometheus-text.ts';

/** What was asked for; a label, so the list is closed. */
export type ContentRoute = 'manifest' | 'file' | 'head' | 'authorise' | 'keys' | 'revocations' | 'edge-report';

export class ContentCounts {
  readonly #answers = new Map<string, number>();
  readonly #tokenRefusals = new Map<TokenRefusal, number>();
  readonly #accessRefusals = new Map<AccessRefusal, number>();
  #manifests = 0;
  #sentBytes = 0;

  answered(route: ContentRoute, status: number): void {
    grow(this.#answers, `route="${route}",status="${status}"`);
  }

  manifestGiven(): void {
    this.#manifests += 1;
  }

  bytesSent(bytes: number): void {
    this.#sentBytes += bytes;
  }

  tokenRefused(reason: TokenRefusal): void {
    grow(this.#tokenRefusals, reason);
  }

  accessRefused(reason: AccessRefusal): void {
    grow(this.#accessRefusals, reason);
  }

  /** @param running content responses under way now */
  render(running: number): string {
    const reasons = (map: ReadonlyMap<string, number>) =>
      [...map].map(([reason, n]) => [`reason="${reason}"`, n] as const);
    const metrics: readonly Metric[] = [
      {
        name: 'tonearm_content_requests_total',
        help: 'Answers of the content routes.',
        kind: 'counter',
        rows: [...this.#answers],
      },
      {
        name: 'tonearm_content_bytes_total',
        help: 'Bytes of music that were sent.',
        kind: 'counter',
        rows: [['', this.#sentBytes]],
      },
      {
        name: 'tonearm_manifests_total',
        help: 'Manifests that were given.',
        kind: 'counter',
        rows: [['', this.#manifests]],
      },
      {
        name: 'tonearm_content_token_refusals_total',
        help: 'Content tokens that were refused, by why.',
        kind: 'counter',
        rows: reasons(this.#tokenRefusals),
      },
      {
        name: 'tonearm_access_refusals_total',
        help: 'Tracks that were refused, by why.',
        kind: 'counter',
        rows: reasons(this.#accessRefusals),
      },
      {
        name: 'tonearm_content_responses_running',
        help: 'Content responses under way.',
        kind: 'gauge',
        rows: [['', running]],
      },
    ];
    return renderPrometheus(metrics);
  }
}

function grow<Key>(map: Map<Key, number>, key: Key): void {
  map.set(key, (map.get(key) ?? 0) + 1);
}
