import { describe, expect, it } from 'vitest';
import type { MusicFolder } from '#bridge/core/ports/folder-scanner';
import { silentLogger } from '#protocol/kit/silent-logger';
import { ms } from '#protocol/vocabulary/units';
import { VirtualFolderWatcher } from '#sim/content/virtual-folder-watcher';
import { VirtualClock } from '#sim/world/virtual-clock';
import { GATHERED_AT_MOST_MS, outermost, PLACES_MAX, QUIET_MS } from './change-gatherer.ts';
import { LibraryWatch, RESCAN_EVERY_MS, RESCAN_LIMITED_EVERY_MS } from './library-watch.ts';

const FOLDER: MusicFolder = { path: '/music', deviceNumber: 1 };

function watchOf() {
  const clock = new VirtualClock();
  const watcher = new VirtualFolderWatcher();
  const looks: (readonly string[] | null)[] = [];
  const state = { isBusy: false };
  const watch = new LibraryWatch(
    { clock, logger: silentLogger, watcher },
    {
      lookAgain: (_, below) => {
        if (state.isBusy) return false;
        looks.push(below);
        return true;
      },
    },
  );
  watch.add(FOLDER);
  return { clock, watcher, looks, state, watch };
}

describe('a watched library', () => {
  it('looks once where it changed, when it has been quiet for a moment', async () => {
    const { clock, watcher, looks } = watchOf();
    for (const place of ['A/One', 'A/One', 'B', 'A']) watcher.change('/music', place);
    await clock.advance(ms(QUIET_MS - 1));
    watcher.change('/music', 'A/Two');
    await clock.advance(ms(QUIET_MS - 1));
    expect(looks).toEqual([]);
    await clock.advance(ms(1));
    expect(looks).toEqual([['A', 'B']]);
    await clock.advance(GATHERED_AT_MOST_MS);
    expect(looks).toHaveLength(1);
  });

  it('looks at all of it when the folder itself changed, or too many places', async () => {
    const { clock, watcher, looks } = watchOf();
    watcher.change('/music', 'A');
    watcher.change('/music', '');
    await clock.advance(QUIET_MS);
    for (let place = 0; place <= PLACES_MAX; place += 1) watcher.change('/music', `P${place}`);
    await clock.advance(QUIET_MS);
    expect(looks).toEqual([null, null]);
  });

  it('does not wait for ever for quiet', async () => {
    const { clock, watcher, looks } = watchOf();
    for (let waitedMs = 0; waitedMs < GATHERED_AT_MOST_MS; waitedMs += 500) {
      watcher.change('/music', 'A');
      await clock.advance(ms(500));
    }
    expect(looks).toEqual([['A']]);
  });

  it('asks again when ingest has too much to do', async () => {
    const { clock, watcher, looks, state } = watchOf();
    state.isBusy = true;
    watcher.change('/music', 'A');
    await clock.advance(QUIET_MS);
    state.isBusy = false;
    await clock.advance(QUIET_MS);
    expect(looks).toEqual([['A']]);
  });

  it('is scanned now and then, and more often when not all of it can be watched', async () => {
    const { clock, watcher, looks } = watchOf();
    await clock.advance(RESCAN_EVERY_MS);
    expect(looks).toEqual([null]);
    watcher.limit('/music', 'no more watches');
    await clock.advance(RESCAN_LIMITED_EVERY_MS);
    await clock.advance(RESCAN_LIMITED_EVERY_MS);
    expect(looks).toEqual([null, null, null]);
  });

  it('is left alone once it has been stopped', async () => {
    const { clock, watcher, looks, watch } = watchOf();
    watcher.change('/music', 'A');
    watch.stop();
    watch.stop();
    watch.add(FOLDER);
    expect(watcher.watched).toEqual([]);
    await clock.advance(RESCAN_EVERY_MS);
    expect(looks).toEqual([]);
  });
});

describe('changed places', () => {
  it.each([
    [
      ['A', 'A/B', 'AB'],
      ['A', 'AB'],
    ],
    [['', 'A'], ['']],
    [
      ['B/C', 'A'],
      ['A', 'B/C'],
    ],
    [[], []],
  ])('%j are %j', (places, expected) => {
    expect(outermost(places)).toEqual(expected);
  });
});
