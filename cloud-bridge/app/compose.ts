/** Puts a bridge together: the only file that makes its adapters. What it makes it also ends, in the reverse order. */
import { join } from 'node:path';
import { readPageFiles } from '#bridge/adapters/rest/page-files';
import { createRestDoor } from '#bridge/adapters/rest/rest-door';
import { openSocketDoor } from '#bridge/adapters/websocket/socket-door';
import { createPerimeter } from '#bridge/core/perimeter/perimeter';
import type { FlightPost } from '#bridge/core/ports/flight-post';
import type { IngestControl } from '#bridge/core/ports/ingest-control';
import { createBonjourDiscovery } from '#protocol/adapters/bonjour-discovery';
import { FlightBox } from '#protocol/adapters/flight-box';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { createSystemRandom } from '#protocol/adapters/system-random';
import type { Clock } from '#protocol/ports/clock';
import type { Discovery } from '#protocol/ports/discovery';
import type { Logger } from '#protocol/ports/logger';
import type { Random } from '#protocol/ports/random';
import type { BridgeId } from '#protocol/vocabulary/ids';
import { BRIDGE_SERVICE_TYPE, CONNECT_PATH, PROTOCOL_VERSION } from '#protocol/wire/versions';
import { composeAccounts } from './compose-accounts.ts';
import { composeContent } from './compose-content.ts';
import { composeFirmware } from './compose-firmware.ts';
import { composeHousehold } from './compose-household.ts';
import { composePairing } from './compose-pairing.ts';
import { composeService } from './compose-service.ts';
import { composeTrust } from './compose-trust.ts';
import type { BridgeConfig } from './config.ts';

/** Advertising a bridge that only this machine can reach would send the house's speakers nowhere. */
const LOOPBACK = /^(127\.|::1$|localhost$)/;

export interface Bridge {
  readonly url: string;
  readonly port: number;
  /** Reads the folder given at the start, when what an earlier run left undone is done. */
  beginIngest(): Promise<void>;
  /** Writes what the flight recorder holds; null: there is none. */
  readonly recordFlight: ((reason: string) => void) | null;
  /** Tells speakers to come back, says goodbye on the network, finishes what it writes. */
  stop(): Promise<void>;
}

/** @throws TonearmError `config.*` for what the person who started it can mend, else `storage.failed` */
export async function composeBridge(
  config: BridgeConfig,
  shared: { readonly logger: Logger; readonly version: string },
): Promise<Bridge> {
  const ports = { ...shared, clock: createSystemClock(), random: createSystemRandom() };
  const ending = new Ending();
  try {
    const house = await composeHouse(config, ports, ending);
    return await openDoors(config, { ...ports, ...house }, ending);
  } catch (thrown) {
    await ending.run();
    throw thrown;
  }
}

interface BridgePorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly version: string;
}

/** What there is in it, and who: nothing of it can be reached yet. */
async function composeHouse(config: BridgeConfig, { version, ...ports }: BridgePorts, ending: Ending) {
  const content = await composeContent(
    { ...ports, dataDir: config.dataFolder },
    {
      decoder: config.decoder,
      country: config.country,
      edges: config.edges,
      store: config.store,
      hasWatch: config.hasWatch,
      node: config.node,
    },
  );
  ending.add(() => content.close());
  const trust = await composeTrust({ ...ports, ...content }, config);
  const { bridgeId } = trust;
  const identity = { bridgeId, name: config.name, version, trust: trust.speakers };
  const service = composeService({ ...ports, ...content }, { version, hasBus: config.mqtt.kind !== 'off' });
  const flight = config.hasFlightRecorder ? openFlightBox(config, { ...ports, version }) : null;
  const parts = { ...ports, content, service, flight: flight?.recorder ?? null };
  const { household, ...house } = await composeHousehold(parts, config, identity);
  // Also later, in its turn: what fails before that must not leave it running.
  ending.add(() => house.close());
  const people = await composeAccounts({ ...ports, ...content }, config, bridgeId);
  const firmware = await composeFirmware({ ...ports, household }, config.dataFolder);
  return { content, trust, identity, service, flight, household, house, people, firmware };
}

type ComposedHouse = Awaited<ReturnType<typeof composeHouse>>;

/** From the last of these on speakers and phones can come. */
async function openDoors(config: BridgeConfig, house: BridgePorts & ComposedHouse, ending: Ending): Promise<Bridge> {
  const { clock, random, logger, content, trust, identity, service, flight, household, people, firmware } = house;
  const { accounts, welcome } = people;
  const callers = house.house.callers(people.callers);
  const perimeter = createPerimeter(clock, { hostNames: config.hostNames });
  const page = await readPageFiles(join(import.meta.dirname, '..', 'phone', 'web'));
  const doors = { clock, logger, perimeter, callers, meter: service.meter };
  const discovery = config.hasMdns ? createBonjourDiscovery(clock, logger) : null;
  if (discovery !== null) ending.add(() => discovery.close());
  let tlsPort: number | null = null;
  const pairing = composePairing(
    { clock, logger, discovery, trust, paired: content.paired },
    { host: config.host, tlsPort: () => tlsPort },
  );
  const speakers = trust.registry({ logger, household }, accounts);
  const parts = { gate: trust.gate, accounts, pairing, speakers, firmware, random, household };
  const rest = createRestDoor(
    { ...content, ...doors, ...parts, flight: postOf(flight) },
    {
      ...identity,
      page,
      readiness: service.readiness,
      metrics: () => [service.metrics(household), house.house.metrics(), trust.metrics(), firmware.metrics()].flat(),
    },
  );
  ending.add(() => rest.close());
  const sockets = openSocketDoor(doors, rest.server, household);
  ending.add(() => sockets.close());
  const secure = await trust.openSecureDoor(rest, doors, household);
  if (secure !== null) ending.add(() => secure.close());
  tlsPort = secure?.port ?? null;
  ending.add(() => house.house.close());
  const port = await rest.listen(config.port, config.host);
  ending.add(await service.openMetricsDoor(rest, config.metrics));
  pairing.start();
  ending.add(async () => pairing.stop());
  if (discovery !== null && !LOOPBACK.test(config.host)) {
    const doorsOpen = { port, tlsPort, isOpen: config.access === 'open' };
    ending.add(advertise({ discovery, logger }, { id: identity.bridgeId, name: config.name, ...doorsOpen }));
  }
  const url = urlOf(config.host, port);
  welcome(url);
  const beginIngest = () => ingestFolder(content.ingest, config.musicFolder, logger);
  const recordFlight = flight === null ? null : (reason: string) => flight.tryWrite(reason);
  return { url, port, beginIngest, recordFlight, stop: () => ending.run() };
}

function openFlightBox(config: BridgeConfig, { version, ...ports }: BridgePorts): FlightBox {
  const { access, hasMdns, mqtt, store, node } = config;
  const configuration = { access, hasMdns, mqtt: mqtt.kind, store: store.kind, isAlone: node === null };
  return new FlightBox(ports, join(config.dataFolder, 'flight'), { role: 'bridge', version, configuration });
}

function postOf(box: FlightBox | null): FlightPost | null {
  return box === null ? null : { write: () => box.write('asked by the door') };
}

/** What has been begun and how each is ended, last begun first. */
class Ending {
  #steps: (() => Promise<void>)[] = [];

  add(step: () => Promise<void>): void {
    this.#steps.push(step);
  }

  /** Twice is harmless. One that fails does not keep the others from being ended. */
  async run(): Promise<void> {
    const steps = this.#steps.reverse();
    this.#steps = [];
    const failures: unknown[] = [];
    for (const step of steps) await step().catch((cause: unknown) => failures.push(cause));
    if (failures.length > 0) throw new AggregateError(failures, 'not everything could be ended');
  }
}

/** @returns ends it: says goodbye */
function advertise(
  { discovery, logger }: { readonly discovery: Discovery; readonly logger: Logger },
  bridge: {
    readonly id: BridgeId;
    readonly name: string;
    readonly port: number;
    readonly tlsPort: number | null;
    readonly isOpen: boolean;
  },
): () => Promise<void> {
  const txt = {
    txtvers: '1',
    id: bridge.id,
    proto: String(PROTOCOL_VERSION),
    path: CONNECT_PATH,
    ...(bridge.tlsPort === null ? {} : { tls: String(bridge.tlsPort) }),
    ...(bridge.isOpen ? { open: '1' } : {}),
  };
  const service = { type: BRIDGE_SERVICE_TYPE, name: bridge.name, port: bridge.port, txt };
  const advertiser = discovery.advertise(service, {
    announced: (name) => logger.info('bridge.announced', { name }),
    failed: (reason) => logger.warn('bridge.not-announced', { reason }),
  });
  advertiser.start();
  return () => advertiser.stop();
}

/** A folder that an earlier run had begun is finished first; then this one has its turn. */
async function ingestFolder(ingest: IngestControl, folder: string | null, logger: Logger): Promise<void> {
  if (folder === null) return;
  const begun = await ingest.begin(folder);
  if (begun.ok) return;
  if (begun.error.code !== 'ingest.busy') {
    logger.error('bridge.ingest-refused', { folder, code: begun.error.code, reason: begun.error.message });
    return;
  }
  const stopListening = ingest.listen((view) => {
    if (view.isRunning) return;
    stopListening();
    void ingestFolder(ingest, folder, logger);
  });
}

/** Where people on this machine reach it. */
function urlOf(host: string, port: number): string {
  const isEverywhere = host === '0.0.0.0' || host === '::';
  const name = isEverywhere ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}
