/** What the bridge counts of its connections to the bus, and how Prometheus reads it. Names: `cloud-bridge/README.md`. */
import type { Metric } from '../content/prometheus-text.ts';

export class BusCounts {
  #in = 0;
  #out = 0;
  #connections = 0;

  received(): void {
    this.#in += 1;
  }

  sent(): void {
    this.#out += 1;
  }

  connected(isUp: boolean): void {
    this.#connections += isUp ? 1 : -1;
  }

  metrics(): readonly Metric[] {
    return [
      {
        name: 'tonearm_mqtt_messages_total',
        kind: 'counter',
        help: 'Messages from and to the bus.',
        rows: [
          ['direction="in"', this.#in],
          ['direction="out"', this.#out],
        ],
      },
      {
        name: 'tonearm_mqtt_connections',
        kind: 'gauge',
        help: 'Connections to the bus.',
        rows: [['', this.#connections]],
      },
    ];
  }
}
