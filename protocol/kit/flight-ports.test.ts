import { describe, expect, it } from 'vitest';
import type { TransportLink } from '#protocol/ports/transport';
import { ms } from '#protocol/vocabulary/units';
import { createVirtualNetwork } from '#sim/network/virtual-transport';
import { SeededRandom } from '#sim/world/seeded-random';
import { VirtualClock } from '#sim/world/virtual-clock';
import { createVirtualProcess } from '#sim/world/virtual-process';
import { recordClock, recordDialer, recordRandom } from './flight-ports.ts';
import { type FlightEvent, FlightRecorder } from './flight-recorder.ts';

const notesOf = (recorder: FlightRecorder) =>
  recorder.held().notes.map(({ port, event }): FlightEvent & { readonly port: string } => ({ port, ...event }));
const LISTENER = { received: () => undefined, closed: () => undefined };

describe('recorded ports', () => {
  it('note once that the process stood still, however many timers were late by it', async () => {
    const clock = new VirtualClock();
    const process = createVirtualProcess(clock);
    const recorder = new FlightRecorder(clock);
    const recorded = recordClock(process.clock, recorder);
    let fired = 0;
    for (const delay of [100, 150, 200, 900]) recorded.setTimer('late', ms(delay), () => (fired += 1));
    process.standStill();
    await clock.advance(ms(400));
    process.goOn();
    await clock.advance(ms(600));
    expect(fired).toBe(4);
    expect(notesOf(recorder)).toEqual([{ port: 'clock', kind: 'stalled', lateUs: 300_000 }]);
  });

  it('note numbers that are drawn, and never a secret', () => {
    const recorder = new FlightRecorder(new VirtualClock());
    const random = recordRandom(new SeededRandom(5), recorder);
    const [fraction, token] = [random.fraction(), random.token(32)];
    expect(notesOf(recorder)).toEqual([{ port: 'random', kind: 'drew', fraction }]);
    expect(JSON.stringify(recorder.held())).not.toContain(token);
  });

  it('note how dials end, and what is said on their links in either direction', async () => {
    const clock = new VirtualClock();
    const network = createVirtualNetwork(clock, new SeededRandom(1));
    const recorder = new FlightRecorder(clock);
    const dialer = recordDialer(network.dialer, recorder, (text) => text);
    let bridge: TransportLink | null = null;
    network.listen('ws://bridge', (link) => {
      bridge = link;
      link.listen(LISTENER);
      link.send('hello speaker');
    });
    const nobody = dialer.dial('ws://nobody');
    const somebody = dialer.dial('ws://bridge');
    void somebody.outcome.then((outcome) => {
      if (!outcome.ok) throw outcome.error;
      outcome.value.listen(LISTENER);
      outcome.value.send('hello bridge');
    });
    await clock.advance(ms(200));
    expect((await nobody.outcome).ok).toBe(false);
    await clock.advance(ms(50));
    (bridge as TransportLink | null)?.close(1000, 'good night');
    await clock.advance(ms(50));
    const kinds = notesOf(recorder).map((it) => [it.kind, it['attempt'] ?? it['text'] ?? it['code']]);
    expect(kinds).toEqual(
      expect.arrayContaining([
        ['dialled', 1],
        ['dialled', 2],
        ['refused', 1],
        ['opened', 2],
        ['received', 'hello speaker'],
        ['sent', 'hello bridge'],
        ['closed', 1000],
      ]),
    );
  });
});
