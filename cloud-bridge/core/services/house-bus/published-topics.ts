/**
 * What this house has said on its own topics. A message is published only when it is news; what somebody else writes
 * there, a retained message from an earlier life or from a stranger, is put right.
 *
 * The broker tells a publisher its own messages too, some time later: what comes is foreign only when it is none of those
 * still on their way.
 */

import type { Bus, BusMessage } from '../../ports/bus.ts';
import type { MessageBudget } from '../../relay/message-budget.ts';
import { ECHOES_AWAITED_MAX, TOPICS_KEPT_MAX } from './bus-limits.ts';

interface Said {
  text: string;
  /** Oldest first. */
  readonly awaited: string[];
}

export class PublishedTopics {
  readonly #bus: Pick<Bus, 'publish'>;
  readonly #repairs: MessageBudget;
  readonly #said = new Map<string, Said>();

  constructor(bus: Pick<Bus, 'publish'>, repairs: MessageBudget) {
    this.#bus = bus;
    this.#repairs = repairs;
  }

  /** Published, retained, unless it has been. An empty text removes the topic. */
  say(topic: string, text: string): void {
    const said = this.#said.get(topic);
    if ((said?.text ?? '') === text) return;
    if (said === undefined && this.#said.size >= TOPICS_KEPT_MAX) return;
    this.#publish(topic, text, said ?? { text, awaited: [] });
  }

  /** Removes every topic of which `isGone` is true. */
  forget(isGone: (topic: string) => boolean): void {
    for (const topic of [...this.#said.keys()]) if (isGone(topic)) this.say(topic, '');
  }

  /** The connection is new: the broker may have lost what was said. */
  sayAllAgain(): void {
    for (const [topic, said] of [...this.#said]) {
      said.awaited.length = 0;
      this.#publish(topic, said.text, said);
    }
  }

  /** @returns true when it was foreign and has been put right */
  heard({ topic, text }: BusMessage): boolean {
    const said = this.#said.get(topic);
    const place = said?.awaited.indexOf(text) ?? -1;
    if (said !== undefined && place >= 0) {
      said.awaited.splice(0, place + 1);
      return false;
    }
    if (text === (said?.text ?? '') || !this.#repairs.spend()) return false;
    this.#publish(topic, said?.text ?? '', said ?? { text: '', awaited: [] });
    return true;
  }

  #publish(topic: string, text: string, said: Said): void {
    said.text = text;
    if (text === '') this.#said.delete(topic);
    else this.#said.set(topic, said);
    if (!this.#bus.publish(topic, text, { isRetained: true })) return;
    said.awaited.push(text);
    if (said.awaited.length > ECHOES_AWAITED_MAX) said.awaited.shift();
  }
}
