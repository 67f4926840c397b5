import { homedir } from 'node:os';
import { expect, it } from 'vitest';
import { homeFolder } from './home-folder.ts';

it('is that of whom the program runs as', () => {
  expect(homeFolder()).toBe(homedir());
});

it('is the root for a user that has none, and no reason not to start', () => {
  const ask = () => {
    throw new Error('uv_os_homedir returned ENOENT');
  };
  expect(homeFolder(ask)).toBe('/');
});
