/** The image cannot be built in every test run; what it names can be held to what is there. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readBaseImages } from '#firmware/container/container-plan';
import { readServiceStart } from '#sim/processes/service-start';
import { pinnedNodeVersion } from '../lib/find-node.mjs';
import { BUNDLE_MAIN } from './bundle-plan.ts';

const ROOT = dirname(dirname(import.meta.dirname));
const dockerfile = readFileSync(join(ROOT, 'Dockerfile.arm'), 'utf8');
const all = (pattern: RegExp): string[] => [...dockerfile.matchAll(pattern)].map((match) => match[1] ?? '');

describe('Dockerfile.arm', () => {
  it('copies and runs files that are there', () => {
    const copied = all(/^COPY (?!--from)(.+) \S+$/gm).flatMap((paths) => paths.split(' '));
    const run = all(/node (firmware-scripts\/\S+)/g);
    expect(copied.length).toBeGreaterThan(2);
    expect(run.length).toBeGreaterThan(1);
    for (const path of [...copied, ...run]) expect(existsSync(join(ROOT, path)), path).toBe(true);
  });

  it('starts what the bundle makes, from where it is copied to', () => {
    expect(dockerfile).toContain('COPY --from=build /src/.build/bundle/speaker /opt/tonearm\n');
    expect(dockerfile).toContain(`"/opt/tonearm/${BUNDLE_MAIN}"]`);
  });

  it('bundles and compiles on the machine that builds, the Opus decoder too, and ends as an image for the target', () => {
    expect(readBaseImages(dockerfile).map(({ runsOn }) => runsOn)).toEqual(['builder', 'target']);
    expect(dockerfile).toContain('RUN node firmware-scripts/main.ts addons --arch');
  });

  it('starts Node as the service does', () => {
    const { nodeArgs, env } = readServiceStart();
    for (const flag of nodeArgs) expect(dockerfile).toContain(`"${flag}"`);
    for (const [name, value] of Object.entries(env)) expect(dockerfile).toContain(`${name}=${value}`);
    expect(dockerfile).toContain('NODE_COMPILE_CACHE=');
  });

  it('has the pinned Node in every stage', () => {
    const versions = all(/^FROM .*node:([\d.]+)-/gm);
    expect(versions).toEqual(Array.from({ length: 2 }, () => pinnedNodeVersion(ROOT)));
  });

  it('sets only variables that the speaker reads', () => {
    const help = readFileSync(join(ROOT, 'device', 'app', 'config.ts'), 'utf8');
    const variables = all(/(TONEARM_[A-Z_]+)=/g);
    expect(variables.length).toBeGreaterThan(0);
    for (const variable of variables) expect(help).toContain(`(${variable}`);
  });
});
