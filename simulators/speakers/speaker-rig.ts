/**
 * One whole speaker on the bench: the real device core in virtual time, an engine that only keeps count, and a bridge that
 * does what the test says.
 */
import { createDevice, type Device } from '#device/core/device';
import type { DeviceWatcher } from '#device/core/ports/device-watcher';
import type { UpdateListener } from '#device/core/ports/update-listener';
import { silentLogger } from '#protocol/kit/silent-logger';
import { type TrackId, trackId } from '#protocol/vocabulary/ids';
import { assert } from '#protocol/vocabulary/result';
import { framesToMs, type Ms, ms, msToFrames } from '#protocol/vocabulary/units';
import type { CommandBody } from '#protocol/wire/command';
import type { SessionState } from '#protocol/wire/playback-state';
import { VirtualNetworkWatch } from '#sim/network/virtual-network-watch';
import { createVirtualNetwork, type VirtualNetwork } from '#sim/network/virtual-transport';
import { createMemorySettingsStore, type SettingsDisk } from '#sim/speakers/memory-settings-store';
import { ScriptedBridge } from '#sim/speakers/scripted-bridge';
import { VirtualAudioEngine } from '#sim/speakers/virtual-audio-engine';
import { createPlaybackDisk, createVirtualPlaybackMemory } from '#sim/speakers/virtual-playback-memory';
import { SeededRandom } from '#sim/world/seeded-random';
import { VirtualClock } from '#sim/world/virtual-clock';

export const RIG_ADDRESS = 'ws://bridge:4747';
export const RIG_TRACKS = ['a', 'b', 'c'].map((letter) => trackId(letter.repeat(22))) as [TrackId, TrackId, TrackId];
export const RIG_TRACK_FRAMES = msToFrames(ms(60_000));
/** A track that no engine can play. */
export const RIG_TRACK_GONE = trackId('z'.repeat(22));
export const RIG_PLAY: Extract<CommandBody, { kind: 'play' }> = {
  kind: 'play',
  contextUri: 'tonearm:library',
  trackIds: RIG_TRACKS,
  index: 0,
  positionMs: ms(0),
};

const START_TAKES: Ms = ms(1_000);
/** The farewell's limit and a second write of the settings. */
const STOP_TAKES: Ms = ms(2_000);
/** There, to the worker, and back; a difference that waits for its turn included. */
const COMMAND_TAKES: Ms = ms(200);

export class SpeakerRig {
  readonly clock = new VirtualClock();
  readonly network: VirtualNetwork = createVirtualNetwork(this.clock, new SeededRandom(1));
  readonly bridge = new ScriptedBridge(this.clock);
  readonly disk: SettingsDisk = { written: null };
  readonly playbackDisk = createPlaybackDisk();
  /** Set before `startUp` for a speaker that takes updates. */
  updates: UpdateListener | null = null;
  /** Set before `startUp` for a speaker that is watched. */
  watcher: DeviceWatcher | null = null;
  engine = this.#createEngine();
  device = this.#createSpeaker();

  constructor() {
    this.network.listen(RIG_ADDRESS, this.bridge.accept);
  }

  /** Starts the speaker; a second time, another process of it on the same disk. */
  async startUp(): Promise<void> {
    this.engine = this.#createEngine();
    this.device = this.#createSpeaker();
    const started = this.device.start();
    await this.clock.advance(START_TAKES);
    await started;
  }

  async shutDown(): Promise<void> {
    const stopped = this.device.stop();
    await this.clock.advance(STOP_TAKES);
    await stopped;
  }

  /** Sends a command and lets it take effect. @returns the answer in brief */
  async command(body: CommandBody, options: { epoch?: number; deadlineMs?: number; id?: string } = {}) {
    const id = this.bridge.command(body, options);
    await this.clock.advance(COMMAND_TAKES);
    return this.bridge.outcome(id);
  }

  /** What the bridge knows of the session. */
  session(): SessionState {
    const held = this.bridge.state?.session;
    assert(held !== null && held !== undefined, 'the bridge knows of a session');
    return held;
  }

  /** The position as it was last told. */
  toldPositionMs(): number {
    const { playback } = this.session();
    assert(playback.kind !== 'stopped', 'something is loaded');
    return framesToMs(playback.positionFrames);
  }

  #createEngine(): VirtualAudioEngine {
    return new VirtualAudioEngine(this.clock, {
      durations: (id) => (id === RIG_TRACK_GONE ? null : RIG_TRACK_FRAMES),
    });
  }

  #createSpeaker(): Device {
    return createDevice(
      {
        clock: this.clock,
        random: new SeededRandom(7),
        logger: silentLogger,
        dialer: this.network.dialerAt('speaker'),
        discovery: null,
        network: new VirtualNetworkWatch(),
        engine: this.engine,
        settings: createMemorySettingsStore(this.clock, this.disk),
        memory: createVirtualPlaybackMemory(this.clock, this.playbackDisk),
        ...(this.updates === null ? {} : { updates: this.updates }),
        ...(this.watcher === null ? {} : { watcher: this.watcher }),
      },
      { name: 'Kitchen', model: 'test', version: '1', bridgeAddress: RIG_ADDRESS, lanPort: 80, output: 'virtual' },
    );
  }
}
