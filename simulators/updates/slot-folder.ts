/**
 * A package's folder and a speaker's slots on this disk, with versions that say their name, and starts as the service manager
 * makes them: the real `slot-select` and `slot-start`, in a plain shell.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { versionText } from '#device/adapters/file-slot-store/file-slot-store';
import type { SlotName } from '#device/core/ports/slot-store';
import type { MadeRelease, ReleaseMaker } from './release-maker.ts';
import { versionOf } from './release-maker.ts';

const SCRIPTS = join(import.meta.dirname, '..', '..', 'firmware-scripts', 'ota');
/** What a start may take; the scripts take a few hundredths of a second. */
const WITHIN_MS = 20_000;
const FILLING_BYTES = 150_000;

export class SlotFolder {
  readonly #base = mkdtempSync(join(tmpdir(), 'tonearm-slots-'));
  readonly folder = join(this.#base, 'firmware');
  readonly factory = join(this.#base, 'factory');

  /** @param release as the package brings it */
  constructor(release: MadeRelease) {
    this.#write(this.factory, release);
  }

  /** As an update leaves it. */
  place(slot: SlotName, release: MadeRelease): void {
    this.#write(join(this.folder, 'slots', slot), release);
  }

  /** @param env more of it, e.g. another PATH. @returns whether it ended well */
  select(env: Readonly<Record<string, string>> = {}): boolean {
    return this.#run('slot-select', [], env).status === 0;
  }

  /** What the version that starts says: its name. */
  start(...words: readonly string[]): string {
    return this.#run('slot-start', words, {}).stdout.trim();
  }

  remove(): void {
    rmSync(this.#base, { recursive: true, force: true });
  }

  #run(script: string, words: readonly string[], more: Readonly<Record<string, string>>) {
    const env = {
      PATH: process.env['PATH'] ?? '',
      TONEARM_FIRMWARE: this.folder,
      TONEARM_FACTORY: this.factory,
      ...more,
    };
    // In a group of its own, so that what is killed in it is it alone.
    const command = ['--wait', 'sh', join(SCRIPTS, script), ...words];
    return spawnSync('setsid', command, { env, encoding: 'utf8', timeout: WITHIN_MS });
  }

  #write(folder: string, release: MadeRelease): void {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'tonearm'), release.content);
    chmodSync(join(folder, 'tonearm'), 0o755);
    writeFileSync(join(folder, 'version.json'), versionText(versionOf(release)));
  }
}

/** A program of a few blocks that says its name, and differs from others in two places. */
export function programOf(maker: ReleaseMaker, seq: number): MadeRelease {
  const filling = `# ${'='.repeat(62)}\n`.repeat(FILLING_BYTES / 65);
  return maker.make(seq, Buffer.from(`#!/bin/sh\necho 0.${seq}.0 "$@"\nexit 0\n${filling}# ${seq}\n`));
}
