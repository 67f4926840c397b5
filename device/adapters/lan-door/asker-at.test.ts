import { expect, it } from 'vitest';
import { askerAt } from './asker-at.ts';

it.each([
  ['192.168.1.7', '192.168.1.7'],
  ['::ffff:192.168.1.7', '192.168.1.7'],
  ['::FFFF:192.168.1.7', '192.168.1.7'],
  ['fe80::1c2d:3%eth0', 'fe80:0:0:0::/64'],
  ['2001:0db8:0:12:aaaa:bbbb:cccc:dddd', '2001:db8:0:12::/64'],
  ['2001:db8:0:12::1', '2001:db8:0:12::/64'],
  ['::1', '0:0:0:0::/64'],
  ['', ''],
])('%s is %s', (address, asker) => {
  expect(askerAt(address)).toBe(asker);
});
