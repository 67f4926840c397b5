/** What the doctor sees of the house: the bridge, who announces itself, the speakers and their sound. */
import { type CheckResult, failed, fine, skipped, warning } from '#protocol/kit/check-result';
import type { Clock } from '#protocol/ports/clock';
import type { Discovery } from '#protocol/ports/discovery';
import { ms } from '#protocol/vocabulary/units';
import type { SpeakerView } from '#protocol/wire/household';
import { BRIDGE_SERVICE_TYPE, SPEAKER_SERVICE_TYPE } from '#protocol/wire/versions';
import type { CommandFailure } from '../command-failure.ts';

/** As long as a command looks for a bridge. */
const BROWSE_MS = ms(2_000);

export function bridgeUnreachable(failure: CommandFailure): CheckResult {
  return failed('bridge', failure.error.message, failure.nextStep ?? 'start a bridge with `tonearm bridge`');
}

/** Listens as any other machine would: what is heard here is what the outside sees. */
export async function checkMdns(
  clock: Pick<Clock, 'setTimer'>,
  openDiscovery: () => Discovery & { close(): Promise<void> },
): Promise<CheckResult[]> {
  const bridges = new Set<string>();
  const speakers = new Set<string>();
  let discovery: ReturnType<typeof openDiscovery>;
  try {
    discovery = openDiscovery();
  } catch (error) {
    return [skipped('mdns', `this machine cannot browse: ${error instanceof Error ? error.message : String(error)}`)];
  }
  try {
    for (const [type, names] of [
      [BRIDGE_SERVICE_TYPE, bridges],
      [SPEAKER_SERVICE_TYPE, speakers],
    ] as const) {
      discovery.browse(type, { found: (service) => names.add(service.name), lost: (name) => names.delete(name) });
    }
    await new Promise<void>((resolve) => clock.setTimer('doctor-browse', BROWSE_MS, resolve));
  } finally {
    await discovery.close();
  }
  return [seen('mdns bridge', BRIDGE_SERVICE_TYPE, bridges), seen('mdns speakers', SPEAKER_SERVICE_TYPE, speakers)];
}

function seen(check: string, type: string, names: ReadonlySet<string>): CheckResult {
  if (names.size > 0) return fine(check, `seen on the network: ${[...names].sort().join(', ')}`);
  return warning(
    check,
    `nothing announces _${type}._tcp on this network`,
    'is it started without --no-mdns? does the network or a firewall block multicast (UDP 5353)?',
  );
}

export function checkSpeakers(speakers: readonly SpeakerView[]): CheckResult[] {
  const online = speakers.filter((it) => it.isOnline);
  if (online.length === 0) {
    return [
      failed(
        'speakers',
        speakers.length === 0 ? 'no speaker has ever connected' : `all ${speakers.length} known speakers are offline`,
        'start one with `tonearm speaker`',
      ),
    ];
  }
  const offline = speakers.filter((it) => !it.isOnline).map((it) => it.name);
  const also = offline.length === 0 ? '' : `; offline: ${offline.join(', ')}`;
  return [fine('speakers', `online: ${online.map((it) => it.name).join(', ')}${also}`), ...online.map(checkOutput)];
}

/** A speaker opens its device by itself and reports why when it cannot; nobody can say it better from outside. */
function checkOutput(speaker: SpeakerView): CheckResult {
  const check = `sound of ${speaker.name}`;
  const { status } = speaker;
  if (status === null) return skipped(check, 'it has not reported yet');
  const isCard = /^(alsa|pulse|speaker)/.test(status.output);
  if (status.outputProblem !== null) {
    const busy = 'is another program holding the device? `aplay -l` lists devices; start it with --sink alsa:DEVICE';
    return failed(
      check,
      `${status.output}: ${status.outputProblem.message} (${status.outputProblem.code})`,
      isCard ? busy : 'connect a sound card, and start it with --sink alsa; `aplay -l` lists devices',
    );
  }
  if (!isCard) {
    return warning(check, `it plays to ${status.output}, not to a loudspeaker`, 'start it with --sink auto');
  }
  const underruns = status.underruns === 0 ? '' : `, ${status.underruns} underruns so far`;
  return fine(check, `${status.output}, volume ${status.volume}${underruns}`);
}
