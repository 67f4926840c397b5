import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileSettingsStore } from '#device/adapters/file-settings-store/file-settings-store';
import type { SpeakerSettings } from '#device/core/ports/settings-store';
import { createJsonLogger } from '#protocol/kit/json-logger';
import { silentLogger } from '#protocol/kit/silent-logger';
import { speakerId } from '#protocol/vocabulary/ids';
import { percent } from '#protocol/vocabulary/units';
import { describeSettingsStore } from '#sim/compliance/settings-store.suite';

const SETTINGS: SpeakerSettings = {
  speakerId: speakerId('speaker-under-test'),
  name: 'Kitchen',
  volume: percent(37),
  resumeToken: null,
  lastBridgeAddress: null,
};

async function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'tonearm-settings-'));
}

describeSettingsStore('file', async () => {
  const parent = await temporaryFolder();
  return {
    open: () => createFileSettingsStore(join(parent, 'not', 'there', 'yet'), silentLogger),
    stop: () => rm(parent, { recursive: true, force: true }),
  };
});

describe('settings in a file', () => {
  let folder: string;
  let lines: string[];
  const open = () =>
    createFileSettingsStore(
      folder,
      createJsonLogger((line) => lines.push(line), { wallMs: () => 0 }),
    );
  const path = () => join(folder, 'settings.json');

  beforeEach(async () => {
    folder = await temporaryFolder();
    lines = [];
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('are readable by their owner alone', async () => {
    await open().save(SETTINGS);
    expect((await stat(path())).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['cut short', '{"speakerId":"speaker-un'],
    ['empty', ''],
    ['of another shape', '{"speakerId":"speaker-under-test","name":"Kitchen","volume":900}'],
    ['far too large', ' '.repeat(70_000)],
  ])('that are %s are moved aside, and said', async (_what, text) => {
    await writeFile(path(), text);
    expect(await open().load()).toBeNull();
    expect(await readdir(folder)).toEqual(['settings.json.corrupt']);
    expect(await readFile(`${path()}.corrupt`, 'utf8')).toBe(text);
    expect(lines.join()).toContain('settings.corrupt');
  });

  it('outlive a write that was cut off before it took their place', async () => {
    await open().save(SETTINGS);
    await writeFile(`${path()}.new`, '{"speakerId":"spea', { mode: 0o644 });
    expect(await open().load()).toEqual(SETTINGS);
    await open().save({ ...SETTINGS, volume: percent(1) });
    expect((await open().load())?.volume).toBe(1);
    expect((await stat(path())).mode & 0o777).toBe(0o600);
  });

  it('that cannot be saved are a failure of the storage, and the old ones stay', async () => {
    await open().save(SETTINGS);
    // A file where the folder should be: that stops root too, whom permissions do not.
    const blocked = createFileSettingsStore(path(), silentLogger);
    await expect(blocked.save(SETTINGS)).rejects.toMatchObject({ code: 'storage.failed' });
    expect(await open().load()).toEqual(SETTINGS);
  });
});
