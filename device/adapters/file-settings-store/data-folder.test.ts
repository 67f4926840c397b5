import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claimDataFolder } from '#device/adapters/file-settings-store/data-folder';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tonearm-claim-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a speaker’s data folder', () => {
  it('is made where there is none, and is one speaker’s at a time', async () => {
    const path = join(folder, 'a', 'b');
    const claim = await claimDataFolder(path);
    await expect(claimDataFolder(path)).rejects.toMatchObject({ code: 'config.data-locked', field: '--data' });
    await claim.release();
    await claim.release();
    await (await claimDataFolder(path)).release();
  });

  it('is the same folder by another name', async () => {
    await mkdir(join(folder, 'a'));
    await symlink(join(folder, 'a'), join(folder, 'b'));
    const claim = await claimDataFolder(join(folder, 'a'));
    await expect(claimDataFolder(join(folder, 'b'))).rejects.toMatchObject({ code: 'config.data-locked' });
    await claim.release();
  });

  it('cannot be where the system has no folders, and saying so does not take for ever', async () => {
    await expect(claimDataFolder('/proc/no-such-folder/a')).rejects.toMatchObject({ code: 'config.invalid' });
  });

  it('cannot be where a file is', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(claimDataFolder(join(folder, 'file', 'x'))).rejects.toMatchObject({
      code: 'config.invalid',
      field: '--data',
    });
  });
});
