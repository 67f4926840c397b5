/**
 * `try-image.ts IMAGE [--seconds N]`: starts the image in an emulated board, with a bridge of ours on this machine, and asks of
 * it what its guide promises: grown data, a root that nobody writes to, an identity of its own, settings taken and wrong ones
 * named, paired, heard, and after a power cut the same speaker again. By hand: it takes a quarter of an hour.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { fingerprintTrack } from '#sim/listening/fingerprint-track';
import { type KnownTrack, whatPlays } from '#sim/listening/where-is';
import { encodeWav } from '#sim/music/wav-file';
import { comeIn } from '#sim/processes/come-in';
import { HouseholdProcesses } from '#sim/processes/household-processes';
import { RestPhone } from '#sim/processes/rest-phone';
import { EmulatedBoard } from './emulated-board.ts';
import { must } from './must.ts';

const NAME = 'From an image';
const RATE_HZ = 48_000;
const TRACK_SECONDS = 60;
const CARD_BYTES = 4 * 1024 ** 3;
/** What is left of the card beside boot, root and the table of partitions. */
const DATA_BYTES_LEAST = 2.3 * 1024 ** 3;
/** Emulated, on a busy machine. */
const WITHIN_MS = 900_000;
const POLL_EVERY_MS = 1_000;
const MS_PER_SECOND = 1_000;
const WAV_HEADER_BYTES = 44;
const WINDOW_FRAMES = 4_800;
/** From one window to the next: each is looked for in all of the track. */
const STRIDE_FRAMES = 48_000;
/** Of the windows listened to, those with the track in them: an emulated processor need not keep up with a sound card. */
const HEARD_LEAST = 0.25;
const STATUS_CREATED = 201;

interface Trial {
  readonly board: EmulatedBoard;
  readonly house: HouseholdProcesses;
  readonly phone: RestPhone;
  readonly track: KnownTrack;
  readonly playForMs: number;
}

/** A name and a password that an editor, a shell or a configuration could trip over. */
const WIFI = { network: 'Zu "Haus" #1', password: 'pass "word" =#$1' } as const;

const secondsSince = (begun: number) => Math.round((performance.now() - begun) / MS_PER_SECOND);

/** Resolves with the speaker's own words on itself. */
async function answers({ board }: Trial): Promise<{ readonly id: string; readonly pairing: string }> {
  const giveUpAt = performance.now() + WITHIN_MS;
  for (;;) {
    try {
      const answer = await fetch(`http://${board.door}/v1/info`, { signal: AbortSignal.timeout(POLL_EVERY_MS * 10) });
      const said = (await answer.json()) as { id: string | null; pairing: string };
      // Its door is open before it knows who it is.
      if (answer.ok && said.id !== null) return { ...said, id: said.id };
    } catch {
      // Not yet.
    }
    if (performance.now() > giveUpAt) throw new Error(`it does not answer\n${board.output()}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_EVERY_MS));
  }
}

async function isSeen(phone: RestPhone, id: string): Promise<void> {
  await phone.until('seen', ({ speakers }) => speakers.some((it) => it.id === id && it.isOnline), WITHIN_MS);
}

/** Partitions, mounts, units. @returns what must be the same after a power cut */
async function lookAround({ board }: Trial): Promise<string> {
  const dataBytes = Number(await board.ask('df --block-size=1 --output=size /data | tail -1'));
  must(dataBytes > DATA_BYTES_LEAST, `its data has grown to ${(dataBytes / 1024 ** 2).toFixed(0)} MiB`);
  const options = await board.ask('findmnt -no OPTIONS /');
  must(options.split(',').includes('ro'), 'its root is mounted to be read alone');
  const touched = await board.tell('touch /etc/x');
  must(touched.text.includes('Read-only'), 'and cannot be written to');
  const state = await board.tell('systemctl is-system-running --wait');
  if (state.text !== 'running') console.log(await board.ask('systemctl --failed --no-legend --plain'));
  must(state.text === 'running', 'all its services run');
  must((await board.ask('systemctl is-active tonearm-speaker')) === 'active', 'the speaker among them');
  const figures = await board.ask(
    "awk '/^MemTotal/ { t = $2 } /^MemAvailable/ { a = $2 } END { print (t - a) * 1024 }' /proc/meminfo; systemctl show -p MemoryCurrent --value tonearm-speaker",
  );
  const [memory, own] = figures.split('\n').map((bytes) => Math.round(Number(bytes) / 1024 ** 2));
  console.log(`  ${memory} MiB are in use; ${own} are its service's, with what it has read of its files`);
  const times = await board.ask('systemd-analyze');
  console.log(`  ${times.split('\n')[0]}`);
  const self = JSON.parse(await board.ask('tonearm --self-test'));
  must(self.isWorking === true, `its self-test holds: ${self.checks.length} checks on ${self.arch}`);
  const name = await board.ask('hostname');
  must(/^tonearm-[0-9a-f]{4}$/.test(name), `it is called ${name}`);
  return [name, await board.ask('dropbearkey -y -f /data/ssh-host-key | grep Fingerprint')].join(' ');
}

/** Two Wi-Fi cards of the kernel's own that hear each other: one is a house's, the other joins it by wifi.txt. */
async function joinWifi({ board }: Trial): Promise<void> {
  await board.ask('modprobe mac80211_hwsim radios=2; udevadm settle');
  const [joining = '', house = ''] = (await board.ask('basename -a /sys/class/ieee80211/*/device/net/*')).split('\n');
  const settings = [`ssid="${WIFI.network}"`, `psk="${WIFI.password}"`, 'mode=2', 'key_mgmt=WPA-PSK', 'frequency=2412'];
  await board.ask(
    `systemctl stop tonearm-wifi@${house}; printf '%s\\n' 'network={' ${settings.map((it) => `'${it}'`).join(' ')} '}' >/tmp/house`,
  );
  await board.ask(`wpa_supplicant -B -i ${house} -D nl80211 -c /tmp/house`);
  const isUp = `for n in $(seq 120); do [ "$(cat /sys/class/net/${joining}/operstate)" = up ] && exit 0; sleep 1; done; exit 1`;
  must((await board.tell(isUp)).status === 0, `its Wi-Fi ${joining} has joined "${WIFI.network}"`);
}

async function pair({ board, phone }: Trial, id: string): Promise<void> {
  const code = await board.ask('cat /var/lib/tonearm-speaker/pairing-code.txt');
  const wrong = await phone.call('POST', '/tonearm/v1/pairings', { address: board.door, code: '000 000 000' });
  must(wrong.status !== STATUS_CREATED, 'another code does not pair it');
  const answer = await phone.call('POST', '/tonearm/v1/pairings', { address: board.door, code });
  must(answer.status === STATUS_CREATED, `its own code does (${JSON.stringify(answer.body)})`);
  await isSeen(phone, id);
  console.log('  its bridge sees it');
}

async function play({ phone, playForMs, house }: Trial, id: string): Promise<void> {
  await house.bridge.waitForEvent('ingest.done', WITHIN_MS);
  await phone.command('PUT', `/v1/me/player/play?device_id=${id}`, { context_uri: 'tonearm:library' });
  const isFar = (positionMs: number) => positionMs >= playForMs;
  await phone.until('played', ({ session }) => isFar(session.positionMs), WITHIN_MS);
}

/** How much of what the sound card was given is the track. */
function listen(file: string, track: KnownTrack): { readonly seconds: number; readonly share: number } {
  const bytes = readFileSync(file).subarray(WAV_HEADER_BYTES);
  const samples = new Int16Array(new Uint8Array(bytes).buffer, 0, Math.floor(bytes.length / 4) * 2);
  const recording = { samples, frameCount: samples.length / 2, startedAtMs: 0 };
  let heard = 0;
  let sounding = 0;
  for (let at = 0; at + WINDOW_FRAMES <= recording.frameCount; at += STRIDE_FRAMES) {
    const { kind } = whatPlays(recording, at, WINDOW_FRAMES, [track]);
    if (kind !== 'silence') sounding += 1;
    if (kind === 'track') heard += 1;
  }
  return { seconds: (heard * STRIDE_FRAMES) / RATE_HZ, share: heard / Math.max(1, sounding) };
}

async function tryImage(trial: Trial): Promise<void> {
  const { board, phone } = trial;
  console.log('first start');
  let begun = performance.now();
  const sound = await board.start();
  const { id } = await answers(trial);
  console.log(`  it answers after ${secondsSince(begun)} s, emulated`);
  const lasting = await lookAround(trial);
  const log = await board.ask('journalctl --no-pager -b -u tonearm-settings');
  must(/wifi\.txt, line 1: only network, password/.test(log), 'what is wrong in wifi.txt is named in its log');

  console.log('pair');
  await pair(trial, id);

  console.log('play');
  await play(trial, id);
  console.log(
    `  ${await board.ask('grep -E VmRSS /proc/$(systemctl show -p MainPID --value tonearm-speaker)/status')}`,
  );

  console.log('power cut');
  await board.cutPower();
  await phone.until('missed', ({ speakers }) => speakers.every((it) => it.id !== id || !it.isOnline), WITHIN_MS);

  console.log('second start');
  board.write('wifi.txt', `\uFEFFnetwork = ${WIFI.network}\r\npassword=${WIFI.password}\r\ncountry=DE\r\n`);
  begun = performance.now();
  await board.start();
  await isSeen(phone, id);
  console.log(`  its bridge sees it again, by itself, after ${secondsSince(begun)} s, emulated`);
  const again = await answers(trial);
  must(again.id === id && again.pairing === 'owned', 'it is the same speaker, of the same house');
  must((await lookAround(trial)) === lasting, 'by the same name, with the same key');
  await joinWifi(trial);

  console.log('sound');
  // Last, since it takes a minute in which nothing else is done.
  const { seconds, share } = listen(sound, trial.track);
  must(
    share >= HEARD_LEAST,
    `its sound card had ${seconds.toFixed(1)} s of the track, ${Math.round(share * 100)} % of all sound`,
  );
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '20' } },
});
const [image = ''] = positionals;
if (image === '') throw new Error('usage: try-image.ts IMAGE [--seconds N]');
// Whoever interrupts it leaves nothing running: programs end with this one's `exit`.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
const { size, blocks } = statSync(image);
console.log(`${image}: ${(size / 1024 ** 2).toFixed(0)} MiB, ${((blocks * 512) / 1024 ** 2).toFixed(0)} of them used`);
const folder = mkdtempSync(path.join(tmpdir(), 'tonearm-try-image-'));
const house = await HouseholdProcesses.create();
let board: EmulatedBoard | undefined;
try {
  const music = path.join(folder, 'music');
  mkdirSync(music);
  const samples = fingerprintTrack(13, TRACK_SECONDS * RATE_HZ);
  writeFileSync(path.join(music, 'track.wav'), encodeWav({ left: samples, right: samples, rate: RATE_HZ }));
  // Where a speaker behind the emulator's router reaches it, so anybody here does: it asks who they are.
  const bridge = await house.startBridge({ music, host: '0.0.0.0', access: 'required' });
  const { link } = await bridge.waitForEvent('bridge.welcome', WITHIN_MS);
  const { hash } = new URL(String(link));
  const { url, headers } = await comeIn(`${house.url}/welcome${hash}`);
  board = new EmulatedBoard(folder, image, CARD_BYTES);
  board.write('speaker.txt', `TONEARM_NAME=${NAME}\r\n${EmulatedBoard.settings}`);
  board.write('wifi.txt', 'pasword=12345678\n');
  const phone = new RestPhone(url, headers);
  const track = { name: 'track', samples };
  await tryImage({ board, house, phone, track, playForMs: Number(values.seconds) * MS_PER_SECOND });
  console.log('all as it should be');
} finally {
  await board?.close();
  await house.stop();
  rmSync(folder, { recursive: true, force: true });
}
