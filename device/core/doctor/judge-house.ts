/** What a speaker's doctor says of the speaker itself, and of the house around it. */
import { type CheckResult, failed, fine, skipped, warning } from '#protocol/kit/check-result';

/** What the speaker that runs says at its own door. */
export interface RunningSpeaker {
  readonly id: string | null;
  readonly name: string;
  readonly version: string;
  /** Address of the bridge that took it in; null while there is none. */
  readonly bridge: string | null;
  readonly output: string;
}

/** One try to reach a bridge, with what this speaker knows of it. */
export interface BridgeTry {
  readonly address: string;
  /** Null: it answered, with the certificate that it must have where one is known. */
  readonly problem: { readonly code: string; readonly message: string } | null;
}

/** @param problem why it does not answer, in words */
export function judgeSpeaker(speaker: RunningSpeaker | null, problem: string): CheckResult {
  if (speaker === null)
    return failed('speaker', problem, 'sudo systemctl start tonearm-speaker, or name its folder with --data');
  return fine('speaker', `${speaker.name}, ${speaker.version}`);
}

/** Of one that runs, and has the device. */
export function judgeOutput({ output }: RunningSpeaker): CheckResult {
  if (!/^virtual/.test(output)) return fine('sound', `it plays to ${output}`);
  return failed(
    'sound',
    `it plays to nobody (${output}): no device would open`,
    '`aplay -l` lists devices; start it with --sink alsa:DEVICE. Is its user in the group audio?',
  );
}

/** @param seen each name with the id that it tells; or why nobody looked, in words */
export function judgeMdns(
  speaker: RunningSpeaker | null,
  seen: readonly { readonly name: string; readonly id: string | undefined }[] | string,
): CheckResult {
  if (typeof seen === 'string') return skipped('mdns', seen);
  if (speaker === null) return skipped('mdns', 'no speaker runs here that could be seen');
  const own = seen.find(({ id }) => id === speaker.id);
  if (own !== undefined) return fine('mdns', `seen from outside of it as “${own.name}”`);
  const others = seen.length === 0 ? 'and no other speaker' : `but ${seen.length} other`;
  return warning(
    'mdns',
    `another process does not see it on the network, ${others}`,
    'is it started without --no-mdns? does a firewall block multicast (UDP 5353)? some access points hold it back',
  );
}

/** @param isOwned null: whose it is cannot be read */
export function judgeBridge(
  speaker: RunningSpeaker | null,
  isOwned: boolean | null,
  tries: readonly BridgeTry[],
): CheckResult[] {
  if (isOwned === null) {
    return [
      failed('bridge', 'whose this speaker is cannot be read', 'run this as its user, or `tonearm speaker reset`'),
    ];
  }
  if (tries.length === 0) {
    return [
      isOwned
        ? skipped('bridge', 'it knows no address of it')
        : warning('bridge', 'it belongs to nobody yet', FIX_PAIR),
    ];
  }
  const reached = tries.find(({ problem }) => problem === null);
  const impostor = tries.find(({ problem }) => problem?.code === 'connect.identity-refused');
  const pin =
    impostor === undefined
      ? []
      : [failed('bridge identity', `${impostor.address} is not the bridge it was paired with`, FIX_PIN)];
  if (reached === undefined) {
    const said = tries.map(({ address, problem }) => `${address}: ${problem?.message ?? ''}`).join('; ');
    return [
      failed('bridge', said, 'does the bridge run? is its firewall open? has its machine another address?'),
      ...pin,
    ];
  }
  const answers = fine('bridge', `${reached.address} answers${isOwned ? ', with the right certificate' : ''}`);
  if (speaker === null) return [answers, ...pin];
  const taken =
    speaker.bridge === null
      ? failed('bridge access', 'it answers, and does not take this speaker in', FIX_PAIR)
      : fine('bridge access', `taken in by ${speaker.bridge}`);
  return [answers, ...pin, taken];
}

const FIX_PAIR = 'pair it: `tonearm speaker pair` here, then `tonearm pair` or a phone';
const FIX_PIN = 'if the bridge was set up anew: `tonearm speaker reset`, and pair it again';
