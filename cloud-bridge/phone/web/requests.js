// @ts-check
/**
 * What this page has asked on its events socket and has no answer to yet. A socket that ends takes no question with it: each
 * is told that, and is asked again over HTTP under the same id, which the bridge performs once (section 10.4).
 */

/** @typedef {import('../../../protocol/wire/phone-request.ts').RequestAnswer} RequestAnswer */
/** @typedef {RequestAnswer['outcome'] | { kind: 'lost' } | { kind: 'unanswered' }} Outcome */

/** A hand-over may take seconds; past this the bridge itself is stuck. */
const DEADLINE_MS = 15_000;
const ID_BYTES = 16;

export function createRequests() {
  /** @type {Map<string, (outcome: Outcome) => void>} */
  const waiting = new Map();
  return {
    /**
     * @param {(text: string) => void} send
     * @param {string} id
     * @param {object} body as the contract has it
     * @returns {Promise<Outcome>}
     */
    ask(send, id, body) {
      return new Promise((resolve) => {
        const timer = setTimeout(() => settle({ kind: 'unanswered' }), DEADLINE_MS);
        /** @param {Outcome} outcome */
        const settle = (outcome) => {
          clearTimeout(timer);
          waiting.delete(id);
          resolve(outcome);
        };
        waiting.set(id, settle);
        send(JSON.stringify({ kind: 'request', id, deadlineMs: DEADLINE_MS, body }));
      });
    },
    /** @param {RequestAnswer} answer one that nobody waits for any more is nobody's */
    answered: ({ id, outcome }) => waiting.get(id)?.(outcome),
    /** The socket has ended: no answer comes on it any more. */
    lost() {
      for (const settle of [...waiting.values()]) settle({ kind: 'lost' });
    },
  };
}

/** Of a request. A page over plain http has no `crypto.randomUUID`. */
export function newRequestId() {
  return [...crypto.getRandomValues(new Uint8Array(ID_BYTES))].map((it) => it.toString(16).padStart(2, '0')).join('');
}
