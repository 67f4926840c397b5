/** What the bridge counts of speakers that are not who they say they are, and how Prometheus reads it. */
import type { SpeakerAlarms } from '#bridge/core/relay/speaker-check';
import type { Metric } from '#bridge/core/services/content/prometheus-text';

export class SpeakerAlarmCounts implements SpeakerAlarms {
  readonly #refused = { 'connect.identity-refused': 0, 'connect.not-paired': 0 };
  #claimedTwice = 0;
  #doubled = 0;

  speakerRefused(code: 'connect.identity-refused' | 'connect.not-paired'): void {
    this.#refused[code] += 1;
  }

  idClaimedTwice(): void {
    this.#claimedTwice += 1;
  }

  identityDoubled(): void {
    this.#doubled += 1;
  }

  metrics(): readonly Metric[] {
    const refused = Object.entries(this.#refused).map(([code, n]) => [`code="${code}"`, n] as const);
    return [
      {
        name: 'tonearm_speakers_refused_total',
        kind: 'counter',
        help: 'Speakers turned away because they are not paired, or could not prove who they are.',
        rows: refused,
      },
      {
        name: 'tonearm_speaker_id_claimed_twice_total',
        kind: 'counter',
        help: 'Alarms: two speakers claimed one id, and one of them could not prove it.',
        rows: [['', this.#claimedTwice]],
      },
      {
        name: 'tonearm_speaker_identity_doubled_total',
        kind: 'counter',
        help: 'Alarms: two machines have the key of one speaker and take each other’s place, as when a data folder was copied.',
        rows: [['', this.#doubled]],
      },
    ];
  }
}
