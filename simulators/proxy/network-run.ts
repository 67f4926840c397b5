/** One run of `tonearm simulate network`: opens the doors, watches until it is over, and leaves its report. */
import type { Clock } from '#protocol/ports/clock';
import { ms } from '#protocol/vocabulary/units';
import { RunRecorder } from '#sim/report/run-recorder';
import type { RunReport } from '#sim/report/run-report';
import type { SeededRandom } from '#sim/world/seeded-random';
import { ControlDoor } from './control-door.ts';
import { type Endpoint, formatEndpoint } from './endpoint.ts';
import { networkControls } from './network-controls.ts';
import { NetworkProxy, type Route } from './network-proxy.ts';
import type { NetworkPlan } from './simulated-network.ts';
import { noteNetworkEvent, watchNetwork } from './watch-network.ts';

const NETWORK = 'network';

export interface NetworkRunOptions {
  readonly routes: readonly Route[];
  readonly hasUdp: boolean;
  readonly profile: { readonly name: string; readonly plan: NetworkPlan };
  /** null: it is not controlled. */
  readonly control: Endpoint | null;
  /** null: until it is interrupted. */
  readonly minutes: number | null;
  /** For the head of the report. */
  readonly parameters: RunReport['parameters'];
  /** ISO 8601. */
  readonly startedAt: string;
}

export interface NetworkRunPorts {
  readonly clock: Clock;
  readonly random: SeededRandom;
  print(line: string): void;
  readonly interrupted: AbortSignal;
}

/** @throws TonearmError config.port-in-use, config.invalid when an address cannot be listened on */
export async function runNetwork(ports: NetworkRunPorts, options: NetworkRunOptions): Promise<RunReport> {
  const { clock, random } = ports;
  const { parameters, startedAt, routes, hasUdp, profile } = options;
  const title = `A network like ${profile.name}`;
  const recorder = new RunRecorder(clock, { kind: 'network', title, startedAt, parameters });
  const told = noteNetworkEvent.bind(null, recorder, NETWORK);
  const proxy = await NetworkProxy.start({ clock, random, told }, { routes, plan: profile.plan, hasUdp });
  let control: ControlDoor | null = null;
  try {
    const controls = networkControls(() => proxy.network);
    if (options.control !== null) control = await ControlDoor.open(options.control, controls);
    const finish = watchNetwork(clock, proxy.network, recorder);
    for (const { listen, to } of proxy.routes) ports.print(`${formatEndpoint(listen)} -> ${formatEndpoint(to)}`);
    if (control !== null) ports.print(`control ${control.url}`);
    await untilOver(clock, options.minutes, ports.interrupted);
    finish();
    return recorder.report(ports.interrupted.aborted ? 'stopped' : 'passed');
  } finally {
    await control?.close();
    await proxy.stop();
  }
}

/** Until the minutes are over or it is interrupted. */
export function untilOver(clock: Clock, minutes: number | null, interrupted: AbortSignal): Promise<void> {
  if (interrupted.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = minutes === null ? null : clock.setTimer('run', ms(minutes * 60_000), resolve);
    interrupted.addEventListener('abort', () => {
      timer?.cancel();
      resolve();
    });
  });
}
