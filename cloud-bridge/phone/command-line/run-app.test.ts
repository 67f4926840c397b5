import { expect, it } from 'vitest';
import { APP_NAMES, appNamed } from './run-app.ts';

it('programs are called by their names, a speaker also by its older one, and commands are none', () => {
  for (const name of APP_NAMES) expect(appNamed(name)).toBe(name);
  expect(appNamed('device')).toBe('speaker');
  for (const word of ['play', '', 'constructor', 'Speaker']) expect(appNamed(word)).toBeNull();
});
