import { describe, expect, it } from 'vitest';
import { LOAD_AGAIN_AFTER_MS, LOAD_TRIES_MAX, openSettings, SAVE_AFTER_MS } from '#device/core/control/settings-keeper';
import type { SettingsStore, SpeakerSettings } from '#device/core/ports/settings-store';
import { createJsonLogger } from '#protocol/kit/json-logger';
import { silentLogger } from '#protocol/kit/silent-logger';
import { TonearmError } from '#protocol/vocabulary/errors';
import { speakerId } from '#protocol/vocabulary/ids';
import { ms, percent } from '#protocol/vocabulary/units';
import { VirtualClock } from '#sim/world/virtual-clock';

const FRESH: SpeakerSettings = {
  speakerId: speakerId('speaker-under-test'),
  name: 'Kitchen',
  volume: percent(40),
  resumeToken: null,
  lastBridgeAddress: null,
};

class RecordingStore implements SettingsStore {
  saved: SpeakerSettings[] = [];
  isBroken = false;
  load(): Promise<SpeakerSettings | null> {
    return this.isBroken ? Promise.reject(new TonearmError('storage.failed', 'disk gone')) : Promise.resolve(null);
  }
  async save(settings: SpeakerSettings): Promise<void> {
    if (this.isBroken) throw new TonearmError('storage.failed', 'disk full');
    this.saved.push(settings);
  }
}

describe('what a speaker remembers', () => {
  it('is saved at once on first start: its id must not change', async () => {
    const store = new RecordingStore();
    const clock = new VirtualClock();
    const keeper = await openSettings({ clock, logger: silentLogger, settings: store }, () => FRESH);
    expect(store.saved).toEqual([FRESH]);
    expect(keeper.current()).toEqual(FRESH);
    expect(clock.timers()).toEqual([]);
  });

  it('is saved once for many changes, and the last of them', async () => {
    const store = new RecordingStore();
    const clock = new VirtualClock();
    const keeper = await openSettings({ clock, logger: silentLogger, settings: store }, () => FRESH);
    for (let volume = 0; volume <= 100; volume += 1) keeper.change({ volume: percent(volume) });
    expect(keeper.current().volume).toBe(100);
    await clock.advance(SAVE_AFTER_MS);
    expect(store.saved.map((it) => it.volume)).toEqual([40, 100]);
  });

  it('is saved without waiting when the speaker stops', async () => {
    const store = new RecordingStore();
    const clock = new VirtualClock();
    const keeper = await openSettings({ clock, logger: silentLogger, settings: store }, () => FRESH);
    keeper.change({ volume: percent(1) });
    await keeper.flush();
    await keeper.flush();
    expect(store.saved.map((it) => it.volume)).toEqual([40, 1]);
    expect(clock.timers()).toEqual([]);
  });

  it('is known although it cannot be saved, which is said, and saved as soon as it can', async () => {
    const store = new RecordingStore();
    const clock = new VirtualClock();
    const lines: string[] = [];
    const logger = createJsonLogger((line) => lines.push(line), clock);
    const keeper = await openSettings({ clock, logger, settings: store }, () => FRESH);
    store.isBroken = true;
    keeper.change({ volume: percent(7) });
    await clock.advance(ms(5_000));
    expect(keeper.current().volume).toBe(7);
    expect(lines.filter((line) => line.includes('settings.not-saved'))).toHaveLength(1);
    store.isBroken = false;
    keeper.change({});
    await keeper.flush();
    expect(store.saved.map((it) => it.volume)).toEqual([40, 7]);
  });

  it('is asked for again when it cannot be read just now', async () => {
    const store = new RecordingStore();
    store.isBroken = true;
    const clock = new VirtualClock();
    const opening = openSettings({ clock, logger: silentLogger, settings: store }, () => FRESH);
    await clock.advance(LOAD_AGAIN_AFTER_MS);
    store.isBroken = false;
    await clock.advance(LOAD_AGAIN_AFTER_MS);
    expect((await opening).current()).toEqual(FRESH);
    expect(store.saved).toEqual([FRESH]);
  });

  it('is left alone when it cannot be read: the speaker plays under another name for this life', async () => {
    const store = new RecordingStore();
    store.isBroken = true;
    const clock = new VirtualClock();
    const lines: string[] = [];
    const logger = createJsonLogger((line) => lines.push(line), clock);
    const opening = openSettings({ clock, logger, settings: store }, () => FRESH);
    await clock.advance(ms(LOAD_TRIES_MAX * LOAD_AGAIN_AFTER_MS));
    const keeper = await opening;
    expect(lines.filter((line) => line.includes('settings.unreadable'))).toHaveLength(LOAD_TRIES_MAX);
    store.isBroken = false;
    keeper.change({ volume: percent(7) });
    await clock.advance(ms(5_000));
    await keeper.flush();
    expect(keeper.current().volume).toBe(7);
    expect(store.saved).toEqual([]);
  });
});
