// @ts-check
/**
 * The bridge's events for as long as the page is open: one snapshot, then differences, and the whole again after every
 * loss. Waits at random between attempts, so that a house full of phones does not return in the same instant.
 */
import { applyEvent, createSessionTime } from './household.js';
import { createPulse } from './pulse.js';
import { createRequests } from './requests.js';

/** @typedef {import('./household.js').HouseholdSnapshot} HouseholdSnapshot */
/** @typedef {'connecting' | 'open' | 'lost'} LinkState */
/** @typedef {(id: string, body: object) => Promise<import('./requests.js').Outcome> | null} Asker */

const EVENTS_PATH = '/events/v1';
const EVENTS_SUBPROTOCOL = 'tonearm.events.v1';
/** `accessEnded` of the contract's close codes. */
const ACCESS_ENDED = 4007;
const RETRY_BASE_MS = 300;
const RETRY_CAP_MS = 8_000;
/** A connection that held this long was a good one: the next wait is short again. */
const STEADY_AFTER_MS = 10_000;
/** A socket that opens but says nothing for this long is none. */
const FIRST_EVENT_MS = 6_000;
/** How often the socket's pulse is looked at. */
const PULSE_EVERY_MS = 1_000;
/** A bridge that answers no heartbeat is asked over HTTP whether it is still there. */
const CHECK_EVERY_MS = 20_000;

/**
 * Uniform between zero and a ceiling that doubles with each loss.
 * @param {number} losses since the last good connection, from 0
 * @param {number} fraction in [0, 1)
 */
export function retryDelayMs(losses, fraction) {
  return fraction * Math.min(RETRY_CAP_MS, RETRY_BASE_MS * 2 ** Math.min(losses, 30));
}

/**
 * @param {{
 *   changed(household: HouseholdSnapshot, positionAtMs: number): void,
 *   link(state: LinkState): void,
 *   check(): Promise<unknown>,
 * }} listener `check` rejects when the bridge does not answer
 * @returns {{ ask: Asker }} asks on the socket; null where there is none that takes requests
 */
export function followEvents(listener) {
  /** @type {WebSocket | null} */
  let socket = null;
  /** @type {HouseholdSnapshot | null} */
  let household = null;
  let pulse = createPulse(0);
  let heartbeats = 0;
  const sessionTime = createSessionTime();
  const requests = createRequests();
  let losses = 0;
  let openedAtMs = 0;
  let retryTimer = 0;

  function open() {
    clearTimeout(retryTimer);
    household = null;
    openedAtMs = performance.now();
    pulse = createPulse(openedAtMs);
    const address = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${EVENTS_PATH}`;
    const opened = new WebSocket(address, EVENTS_SUBPROTOCOL);
    socket = opened;
    const silence = setTimeout(() => lose(opened), FIRST_EVENT_MS);
    opened.onmessage = ({ data }) => {
      if (socket !== opened) return;
      clearTimeout(silence);
      const arrivedMs = performance.now();
      pulse.heard(arrivedMs);
      const event = read(data);
      if (event?.kind === 'heartbeatAnswer') return;
      if (event?.kind === 'requestAnswer') {
        requests.answered(event);
        return;
      }
      household = event === null ? null : applyEvent(household, event);
      if (event === null || household === null) {
        lose(opened);
        return;
      }
      listener.link('open');
      listener.changed(household, sessionTime.heard(event, arrivedMs));
    };
    opened.onclose = ({ code }) => {
      clearTimeout(silence);
      lose(opened);
      // The bridge is there and lets this page in no more: asking it leads to where one signs in.
      if (code === ACCESS_ENDED) void listener.check().catch(() => undefined);
    };
  }

  /** @param {WebSocket} lost only the socket in use can be lost; an older one has been already */
  function lose(lost) {
    if (socket !== lost) return;
    socket = null;
    lost.close();
    requests.lost();
    if (performance.now() - openedAtMs > STEADY_AFTER_MS) losses = 0;
    retryTimer = setTimeout(open, retryDelayMs(losses, Math.random()));
    losses += 1;
    listener.link('lost');
  }

  function retryNow() {
    if (socket === null) open();
  }

  const isPulsed = () => household?.bridge.answersHeartbeats === true;

  function feel() {
    const felt = socket;
    if (felt === null || document.hidden || !isPulsed()) return;
    const next = pulse.next(performance.now());
    if (next === 'ask') felt.send(JSON.stringify({ kind: 'heartbeat', sequence: heartbeats++ }));
    if (next === 'lost') lose(felt);
  }

  async function check() {
    const checked = socket;
    if (checked === null || document.hidden || isPulsed()) return;
    await listener.check().catch(() => lose(checked));
  }

  listener.link('connecting');
  open();
  setInterval(feel, PULSE_EVERY_MS);
  setInterval(check, CHECK_EVERY_MS);
  addEventListener('online', retryNow);
  // A phone that wakes up holds a socket that may have died in its sleep.
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) return;
    if (socket === null) retryNow();
    feel();
    void check();
  });
  return {
    ask(id, body) {
      const asked = socket;
      // Before its snapshot nobody knows whether this bridge takes them.
      if (asked?.readyState !== WebSocket.OPEN || household?.bridge.takesRequests !== true) return null;
      return requests.ask((text) => asked.send(text), id, body);
    },
  };
}

/**
 * @param {unknown} data
 * @returns {import('./household.js').HouseholdEvent | import('./requests.js').RequestAnswer
 *   | import('../../../protocol/wire/heartbeat.ts').HeartbeatAnswer | null} null when it is none
 */
function read(data) {
  try {
    return typeof data === 'string' ? JSON.parse(data) : null;
  } catch {
    return null;
  }
}
