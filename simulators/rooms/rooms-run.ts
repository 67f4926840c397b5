/** One run of `tonearm simulate network --namespaces`: opens the rooms, says how to live in them, and leaves its report. */
import * as z from 'zod/mini';
import type { Clock } from '#protocol/ports/clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ms } from '#protocol/vocabulary/units';
import { ROOM_NAMES } from '#sim/day/house-names';
import { ControlDoor, type ControlRoute, readBody } from '#sim/proxy/control-door';
import type { Endpoint } from '#sim/proxy/endpoint';
import { untilOver } from '#sim/proxy/network-run';
import { RunRecorder } from '#sim/report/run-recorder';
import type { RunReport } from '#sim/report/run-report';
import { missingForRooms, NetworkRooms } from './network-rooms.ts';

const LOOK_EVERY = ms(1_000);
/** As many as there are names for. */
export const NAMED_ROOMS_MAX = ROOM_NAMES.length;

export interface RoomsRunOptions {
  readonly count: number;
  /** null: it is not controlled. */
  readonly control: Endpoint | null;
  /** null: until it is interrupted. */
  readonly minutes: number | null;
  readonly parameters: RunReport['parameters'];
  /** ISO 8601. */
  readonly startedAt: string;
}

export interface RoomsRunPorts {
  readonly clock: Clock;
  print(line: string): void;
  readonly interrupted: AbortSignal;
}

/** @throws TonearmError input.invalid where there can be no namespaces */
export async function runRooms(ports: RoomsRunPorts, options: RoomsRunOptions): Promise<RunReport> {
  const { clock, print, interrupted } = ports;
  const missing = missingForRooms();
  if (missing !== null) throw new TonearmError('input.invalid', `--namespaces: ${missing}`, { field: '--namespaces' });
  const { parameters, startedAt } = options;
  const title = `${options.count} rooms on a network of their own`;
  const recorder = new RunRecorder(clock, { kind: 'network', title, startedAt, parameters });
  const names = ROOM_NAMES.slice(0, options.count).map((name) => name.toLowerCase().replaceAll(' ', '-'));
  const rooms = await NetworkRooms.open(names);
  let control: ControlDoor | null = null;
  try {
    for (const { name, address, namespace } of rooms.rooms) print(`${name} ${address} ip netns exec ${namespace}`);
    print(`this machine is ${rooms.hostAddress} in every room`);
    if (options.control !== null) {
      control = await ControlDoor.open(options.control, roomControls(rooms, recorder));
      print(`control ${control.url}`);
    }
    const finish = watchRooms(clock, rooms, recorder);
    await untilOver(clock, options.minutes, interrupted);
    finish();
    return recorder.report(interrupted.aborted ? 'stopped' : 'passed');
  } finally {
    await control?.close();
    await rooms.close();
  }
}

const addressSchema = z.strictObject({ address: z.optional(z.string()) });
const nothingSchema = z.strictObject({});

function roomControls(rooms: NetworkRooms, recorder: RunRecorder): readonly ControlRoute[] {
  const plug = (isPlugged: boolean): ControlRoute['answer'] => {
    return async (body, { room = '' }) => {
      readBody(nothingSchema, body, isPlugged ? 'plug' : 'unplug');
      await rooms.plug(room, isPlugged);
      const what = isPlugged ? 'cable put in again' : 'cable pulled';
      recorder.note({ who: room, what, kind: isPlugged ? 'mended' : 'fault' });
      return { rooms: rooms.rooms };
    };
  };
  return [
    { method: 'GET', path: '/state', answer: () => ({ hostAddress: rooms.hostAddress, rooms: rooms.rooms }) },
    { method: 'POST', path: '/rooms/{room}/unplug', answer: plug(false) },
    { method: 'POST', path: '/rooms/{room}/plug', answer: plug(true) },
    {
      method: 'PUT',
      path: '/rooms/{room}/address',
      answer: async (body, { room = '' }) => {
        const { address } = readBody(addressSchema, body, 'address');
        const now = await rooms.readdress(room, address ?? null);
        recorder.note({ who: room, what: `address: ${now}`, kind: 'log' });
        return { room, address: now };
      },
    },
  ];
}

/** @returns to be called at the end */
function watchRooms(clock: Clock, rooms: NetworkRooms, recorder: RunRecorder): () => void {
  const seen = new Map<string, { readonly inBytes: number; readonly outBytes: number }>();
  const look = () => {
    for (const { name, isPlugged } of rooms.rooms) {
      const now = rooms.traffic(name);
      const before = seen.get(name) ?? now;
      seen.set(name, now);
      recorder.sample('throughput', name, 'in', 'kB/s', (now.inBytes - before.inBytes) / 1_000);
      recorder.sample('throughput', name, 'out', 'kB/s', (now.outBytes - before.outBytes) / 1_000);
      recorder.sample('plugged', name, 'plugged', '', isPlugged ? 1 : 0);
    }
  };
  const tick = () => {
    look();
    timer = clock.setTimer('watch-rooms', LOOK_EVERY, tick);
  };
  let timer = clock.setTimer('watch-rooms', LOOK_EVERY, tick);
  return () => {
    timer.cancel();
    for (const { name } of rooms.rooms) {
      const { inBytes, outBytes } = rooms.traffic(name);
      recorder.figure(`${name}: in`, inBytes / 1_000, 'kB');
      recorder.figure(`${name}: out`, outBytes / 1_000, 'kB');
    }
  };
}
