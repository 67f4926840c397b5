import { expect, it } from 'vitest';
import { METRICS_HOST_DEFAULT, readMetricsAddress } from './metrics-flags.ts';

const given = (text: string, from: string) => ({ text, from });

it('figures are shown nowhere else unless somebody says where, and then to this machine alone', () => {
  expect(readMetricsAddress({ port: null, host: null })).toBeNull();
  expect(readMetricsAddress({ port: given('9100', '--metrics-port'), host: null })).toEqual({
    port: 9_100,
    host: METRICS_HOST_DEFAULT,
  });
  const everywhere = { port: given('0', '--metrics-port'), host: given('0.0.0.0', '--metrics-host') };
  expect(readMetricsAddress(everywhere)).toEqual({ port: 0, host: '0.0.0.0' });
});

it('names the flag that is wrong', () => {
  const wrong = { port: given('x', '--metrics-port'), host: null };
  expect(() => readMetricsAddress(wrong)).toThrow(/--metrics-port/);
});
