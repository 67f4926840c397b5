/**
 * Who may say and hear what at the embedded broker, as pure functions: nothing that is not allowed here. An account of
 * the house hears the house, and Home Assistant's topics where that is on; it says commands, and Home Assistant's status.
 * Nobody but the bridge retains anything else, in a will or otherwise.
 */
import { BUS_ROOT } from '#protocol/wire/bus';
import { busTopics } from '#protocol/wire/bus-topics';
import { homeAssistantStatusTopic } from '../services/house-bus/home-assistant.ts';
import { holdsFilter, isFilter, isTopic, matchesTopic } from './topic-filter.ts';

export interface BusRules {
  /** @param filter as it came, well-formed or not */
  maySubscribe(filter: string): boolean;
  /** The same for a message and for a will. */
  mayPublish(topic: string, isRetained: boolean): boolean;
}

/** @param homeAssistant first level of its topics, or null */
export function createBusRules(house: string, homeAssistant: string | null): BusRules {
  const { commandFilters } = busTopics(house);
  const status = homeAssistant === null ? null : homeAssistantStatusTopic(homeAssistant);
  // There is no other house at this broker, and clients seldom know how this one is called.
  const heard = [`${BUS_ROOT}/#`, ...(homeAssistant === null ? [] : [`${homeAssistant}/#`])];
  return {
    maySubscribe: (filter) => isFilter(filter) && heard.some((allowed) => holdsFilter(allowed, filter)),
    mayPublish: (topic, isRetained) => {
      if (!isTopic(topic)) return false;
      if (topic === status) return true;
      return !isRetained && commandFilters.some((allowed) => matchesTopic(allowed, topic));
    },
  };
}
