import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHttpUpdateSource } from '#device/adapters/http-content-source/http-update-source';
import { openFileUpdateSource } from '#device/adapters/update-file/file-update-source';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { speakerId } from '#protocol/vocabulary/ids';
import type { UpdatePack } from '#protocol/wire/update';
import { RestBench } from '#sim/relay/rest-bench';
import { shelve } from '#sim/updates/release-maker';
import { createVirtualUpdateSource } from '#sim/updates/virtual-update-source';
import { updateSourceSuite } from './update-source.suite.ts';

updateSourceSuite('HttpUpdateSource at a bridge', async (made, maker) => {
  const bench = new RestBench();
  shelve(bench.firmware, maker, made);
  const rollout = { method: 'PUT', url: '/tonearm/v1/firmware/rollouts/0.2.0', payload: { percent: 100 } } as const;
  await bench.door.app.inject({ ...rollout, headers: { host: 'pantry' } });
  const port = await bench.door.listen(0, '127.0.0.1');
  const source = createHttpUpdateSource(createSystemClock());
  source.bridgeIs({ url: `http://127.0.0.1:${port}`, speakerId: speakerId('kitchen-1') });
  return {
    source,
    close: async () => {
      source.close();
      await bench.close();
    },
  };
});

updateSourceSuite('FileUpdateSource', async ({ offer, blocksText, content }) => {
  const folder = await mkdtemp(join(tmpdir(), 'tonearm-pack-'));
  const pack: UpdatePack = { format: 1, kind: 'update', offer, blocks: blocksText };
  await writeFile(join(folder, 'x.update'), Buffer.concat([Buffer.from(`${JSON.stringify(pack)}\n`), content]));
  const source = await openFileUpdateSource(join(folder, 'x.update'));
  return {
    source,
    close: async () => {
      await source.close();
      await rm(folder, { recursive: true });
    },
  };
});

updateSourceSuite('VirtualUpdateSource', async (made) => ({
  source: createVirtualUpdateSource(() => made),
  close: async () => {},
}));
