/** Puts together what a bridge offers of updates: a folder of releases in its data folder, and the desk over it. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { createFolderFirmwareShelf } from '#bridge/adapters/firmware-folder/folder-firmware-shelf';
import { FirmwareDesk, type FirmwareDeskPorts } from '#bridge/core/services/firmware/firmware-desk';
import { ed25519Check } from '#protocol/adapters/ed25519';

/** Where `firmware publish --to` puts releases. */
const FOLDER = 'firmware';

export async function composeFirmware(
  ports: Pick<FirmwareDeskPorts, 'clock' | 'logger' | 'household'>,
  dataFolder: string,
): Promise<FirmwareDesk> {
  const shelf = createFolderFirmwareShelf(join(dataFolder, FOLDER));
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const desk = new FirmwareDesk({ ...ports, shelf, check: ed25519Check, sha256 });
  await desk.start();
  return desk;
}
