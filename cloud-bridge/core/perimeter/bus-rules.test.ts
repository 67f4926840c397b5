import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBusRules } from './bus-rules.ts';
import { holdsFilter, isFilter, isTopic, matchesTopic } from './topic-filter.ts';

const HOUSE = 'house-of-somebody';
const rules = createBusRules(HOUSE, 'homeassistant');
const own = `tonearm/${HOUSE}`;

describe('what an account may do at the embedded broker', () => {
  it.each([
    ['tonearm/#', true],
    [`${own}/speakers/+/state`, true],
    ['homeassistant/+/+/config', true],
    ['#', false],
    ['+/+/speakers/+/state', false],
    ['$SYS/#', false],
    ['other/topic', false],
    ['tonearm/a/#/b', false],
    [`${own}/${'x'.repeat(300)}`, false],
    ['', false],
  ])('hears %s: %s', (filter, isAllowed) => {
    expect(rules.maySubscribe(filter)).toBe(isAllowed);
  });

  it.each([
    [`${own}/speakers/kitchen-speaker/command/pause`, false, true],
    [`${own}/session/command/pause`, false, true],
    ['homeassistant/status', true, true],
    [`${own}/speakers/kitchen-speaker/command/pause`, true, false],
    [`${own}/speakers/kitchen-speaker/state`, false, false],
    [`${own}/speakers/kitchen-speaker/state`, true, false],
    [`${own}/availability`, true, false],
    ['tonearm/another-house/session/command/pause', false, false],
    ['homeassistant/device/x/config', true, false],
    [`${own}/speakers/+/command/pause`, false, false],
    [`${own}/session/command/pause\u0000`, false, false],
    ['$SYS/broker', false, false],
  ])('says %s, retained %s: %s', (topic, isRetained, isAllowed) => {
    expect(rules.mayPublish(topic, isRetained)).toBe(isAllowed);
  });

  it('has nothing to do with Home Assistant where that is off', () => {
    const plain = createBusRules(HOUSE, null);
    expect(plain.mayPublish('homeassistant/status', false)).toBe(false);
    expect(plain.maySubscribe('homeassistant/#')).toBe(false);
  });
});

const aLevel = fc.constantFrom('a', 'b', '');
const aTopic = fc
  .array(aLevel, { minLength: 1, maxLength: 4 })
  .map((levels) => levels.join('/'))
  .filter(isTopic);
const aFilter = fc
  .tuple(fc.array(fc.oneof(aLevel, fc.constant('+')), { maxLength: 4 }), fc.boolean())
  .map(([levels, isOpen]) => [...levels, ...(isOpen ? ['#'] : [])].join('/'))
  .filter(isFilter);

describe('a filter', () => {
  it('that is held by another matches no topic that the other does not', () => {
    fc.assert(
      fc.property(aFilter, aFilter, aTopic, (wide, narrow, topic) => {
        fc.pre(holdsFilter(wide, narrow) && matchesTopic(narrow, topic));
        expect(matchesTopic(wide, topic)).toBe(true);
      }),
    );
  });

  it.each([
    ['a/+', 'a/b', true],
    ['a/+', 'a/b/c', false],
    ['a/#', 'a', true],
    ['a/#', 'a/b/c', true],
    ['a/#', 'b', false],
    ['+', 'a', true],
    ['+/a', '/a', true],
  ])('%s and the topic %s: %s', (filter, topic, isMatch) => {
    expect(matchesTopic(filter, topic)).toBe(isMatch);
  });
});
