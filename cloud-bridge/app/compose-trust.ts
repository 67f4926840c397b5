/** Puts together who the bridge is, how speakers make sure of it, and which of them it takes. */
import { loadBridgeIdentity } from '#bridge/adapters/bridge-identity/file-bridge-identity';
import type { RestDoor } from '#bridge/adapters/rest/rest-door';
import { createSecureDoor } from '#bridge/adapters/tls/secure-door';
import { loadOwnTlsMaterial, readGivenTlsMaterial, type TlsMaterial } from '#bridge/adapters/tls/tls-material';
import { openSocketDoor, type SocketDoorPorts, type SocketGuests } from '#bridge/adapters/websocket/socket-door';
import { createSpeakerGate, type SpeakerGate } from '#bridge/core/perimeter/speaker-gate';
import { HOUSE_ACCOUNT } from '#bridge/core/ports/callers';
import type { PairedSpeakers } from '#bridge/core/ports/paired-speakers';
import type { SpeakerTrust } from '#bridge/core/relay/speaker-check';
import { SpeakerPasses } from '#bridge/core/relay/speaker-passes';
import type { Accounts } from '#bridge/core/services/accounts/accounts';
import type { Metric } from '#bridge/core/services/content/prometheus-text';
import { SpeakerAlarmCounts } from '#bridge/core/services/speakers/speaker-alarm-counts';
import { SpeakerRegistry, type SpeakerRegistryPorts } from '#bridge/core/services/speakers/speaker-registry';
import { ed25519Check } from '#protocol/adapters/ed25519';
import type { Clock } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import type { Random } from '#protocol/ports/random';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { BridgeId } from '#protocol/vocabulary/ids';
import type { BridgeConfig } from './config.ts';

export interface TrustPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly paired: PairedSpeakers;
}

export type TrustConfig = Pick<BridgeConfig, 'dataFolder' | 'access' | 'name' | 'host' | 'hostNames' | 'tls'>;

export interface ComposedTrust {
  readonly bridgeId: BridgeId;
  /** For the relay. */
  readonly speakers: SpeakerTrust;
  /** For the HTTP door. */
  readonly gate: SpeakerGate;
  /** What speakers are told at pairing; null: this bridge has no TLS. */
  readonly pin: Uint8Array | null;
  metrics(): readonly Metric[];
  /** For people: the speakers of the house. */
  registry(house: Pick<SpeakerRegistryPorts, 'logger' | 'household'>, accounts: Accounts): SpeakerRegistry;
  /** @returns the port in use, and what ends it; null: this bridge has no TLS */
  openSecureDoor(rest: RestDoor, ports: SocketDoorPorts, guests: SocketGuests): Promise<OpenSecureDoor | null>;
}

export interface OpenSecureDoor {
  readonly port: number;
  close(): Promise<void>;
}

/** @throws TonearmError `config.*` or `storage.failed` */
export async function composeTrust(
  { clock, random, logger, paired }: TrustPorts,
  config: TrustConfig,
): Promise<ComposedTrust> {
  const { id: bridgeId, self: identity } = await loadBridgeIdentity(config.dataFolder);
  const passes = new SpeakerPasses({ clock, random });
  const alarms = new SpeakerAlarmCounts();
  const isOpen = config.access === 'open';
  if (config.tls === null && !isOpen) {
    logger.warn('bridge.without-tls', { reason: 'speakers are paired and come in by TLS alone (--tls-port 0)' });
  }
  const material = config.tls === null ? null : loadMaterial(config, bridgeId);
  return {
    bridgeId,
    speakers: { identity, check: ed25519Check, paired, passes, alarms, isOpen },
    gate: createSpeakerGate(passes, { isOpen }),
    pin: material?.pin ?? null,
    metrics: () => alarms.metrics(),
    registry: (house, { book }) =>
      new SpeakerRegistry({
        ...house,
        paired,
        isPerson: (id) => id === HOUSE_ACCOUNT || book.person(id) !== undefined,
      }),
    openSecureDoor: async (rest, ports, guests) =>
      material === null ? null : openDoor({ rest, material, guests }, ports, config),
  };
}

function loadMaterial({ dataFolder, hostNames, tls }: TrustConfig, bridgeId: BridgeId): TlsMaterial {
  if (tls !== null && tls.given !== null) return readGivenTlsMaterial(tls.given);
  const hosts = ['localhost', ...hostNames.flatMap((name) => [name, `${name.replace(/\.local$/, '')}.local`])];
  return loadOwnTlsMaterial(dataFolder, { name: `Tonearm ${bridgeId}`, hosts: [...new Set(hosts)] });
}

async function openDoor(
  {
    rest,
    material,
    guests,
  }: { readonly rest: RestDoor; readonly material: TlsMaterial; readonly guests: SocketGuests },
  ports: SocketDoorPorts,
  { tls, host }: TrustConfig,
): Promise<OpenSecureDoor> {
  const door = createSecureDoor(rest.app, material);
  const sockets = openSocketDoor(ports, door.server, guests);
  const close = async () => {
    await sockets.close();
    await door.close();
  };
  try {
    return { port: await listen(door, tls, host), close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

/** A port that nobody asked for by its number gives way: speakers are told which one it is. */
async function listen(
  door: ReturnType<typeof createSecureDoor>,
  tls: TrustConfig['tls'],
  host: string,
): Promise<number> {
  const port = tls?.port ?? 0;
  try {
    return await door.listen(port, host);
  } catch (thrown) {
    const isTaken = thrown instanceof TonearmError && thrown.code === 'config.port-in-use';
    if (!isTaken || tls?.isPortGiven === true) throw thrown;
    return door.listen(0, host);
  }
}
