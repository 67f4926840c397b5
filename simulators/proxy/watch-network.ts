/** Looks at a simulated network once a second and writes down what it sees, for the report of a run. */
import type { Clock } from '#protocol/ports/clock';
import { unreachable } from '#protocol/vocabulary/result';
import { ms } from '#protocol/vocabulary/units';
import type { RunRecorder } from '#sim/report/run-recorder';
import { type NetworkEvent, type SimulatedNetwork, WAYS } from './simulated-network.ts';

const EVERY = ms(1_000);
const BYTES_PER_MB = 1_000_000;

/**
 * @param who whose lines they are, where a run has several networks
 * @returns to be called at the end: looks a last time and leaves the figures of the whole run
 */
export function watchNetwork(
  clock: Clock,
  network: SimulatedNetwork,
  recorder: RunRecorder,
  who: string | null = null,
): () => void {
  const seenBytes = { up: 0, down: 0 };
  let lookedUs = clock.nowUs();
  const look = () => {
    const { conditions, connections, ways } = network.state();
    const passedS = Math.max(0.001, (clock.nowUs() - lookedUs) / 1_000_000);
    lookedUs = clock.nowUs();
    for (const way of WAYS) {
      const { bytes } = ways[way];
      recorder.sample('throughput', who, way, 'kbit/s', ((bytes - seenBytes[way]) * 8) / 1_000 / passedS);
      seenBytes[way] = bytes;
      const { delayMs, kbps } = conditions[way];
      recorder.sample('delay', who, way, 'ms', delayMs);
      if (kbps !== null) recorder.sample('bandwidth', who, way, 'kbit/s', kbps);
      recorder.sample('late packets', who, `${way}, worst`, 'ms', network[way].lateness.takeRecentWorstMs());
    }
    recorder.sample('connections', who, 'connections', '', connections);
  };
  const tick = () => {
    look();
    timer = clock.setTimer('watch-network', EVERY, tick);
  };
  let timer = clock.setTimer('watch-network', EVERY, tick);
  return () => {
    timer.cancel();
    look();
    const { opened, resets, ways } = network.state();
    const named = (name: string) => (who === null ? name : `${who}: ${name}`);
    recorder.figure(named('connections opened'), opened, '');
    recorder.figure(named('connections reset'), resets, '');
    for (const way of WAYS) {
      const { bytes, lost, corrupted, lateMs } = ways[way];
      recorder.figure(named(`passed ${way}`), bytes / BYTES_PER_MB, 'MB');
      recorder.figure(named(`lost ${way}`), lost, 'packets');
      recorder.figure(named(`corrupted ${way}`), corrupted, 'packets');
      recorder.figure(named(`late ${way}, p99`), lateMs.p99, 'ms');
    }
  };
}

/** An event of a network as one of a report. */
export function noteNetworkEvent(recorder: RunRecorder, who: string, event: NetworkEvent): void {
  switch (event.kind) {
    case 'cut':
      recorder.note({ who, what: `cut (${event.cut}) ${event.way}`, kind: 'fault' });
      return;
    case 'healed':
      recorder.note({ who, what: 'healed', kind: 'mended' });
      return;
    // Over as it happens: a fault would last until something is mended.
    case 'reset':
      recorder.note({ who, what: `${event.connections} connections reset`, kind: 'log' });
      return;
    case 'stalled':
      recorder.note({ who, what: `stalled for ${event.forMs} ms`, kind: 'fault' });
      return;
    case 'flowing':
      recorder.note({ who, what: 'flows again', kind: 'mended' });
      return;
    default:
      unreachable(event);
  }
}
