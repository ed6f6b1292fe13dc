import { openEventStream, openSocket } from './carriers.js';
import { readEvent } from './contract.js';

/**
 * @typedef {import('./carriers.js').Carrier} Carrier
 * @typedef {import('./contract.js').LiveEvent} LiveEvent
 * @typedef {import('./contract.js').Report} Report
 *
 * @typedef {{kind: 'connecting'} | {kind: 'live', fallback: boolean, resumed: boolean}
 *   | {kind: 'waiting', retryAt: number}} ConnectionState
 *     `resumed`: what was missed follows; else the latest state does
 *
 * @typedef {object} Listener
 * @property {(event: LiveEvent) => void} onEvent
 * @property {(state: ConnectionState) => void} onState
 * @property {(reason: 'signedOut' | 'removed') => void} onEnded the session is over: trying again is of no use
 * @property {() => Promise<'signedOut' | 'reachable' | 'unreachable'>} whyRefused asks over HTTP why the upgrade
 *     failed: a browser hides its status from the script
 */

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;
const OPEN_WITHIN_MS = 10_000;
/** A connection that lived this long was a good one: the next attempt starts from the shortest delay again. */
const STEADY_AFTER_MS = 10_000;

/** How often to ask a quiet server whether it is there, and how long it may take to say anything. */
const ASK_AFTER_MS = 25_000;
const ANSWER_WITHIN_MS = 10_000;

/** Who was away for longer has no use for all that was missed: no trail is longer. */
const RESUME_WITHIN_MS = 3_600_000;

/** The closes after which coming back is of no use. All others, 4408 (too slow) among them, are worth a try. */
const FINAL_CLOSES = new Map(
  /** @type {[number, 'signedOut' | 'removed'][]} */ ([
    [4401, 'signedOut'],
    [401, 'signedOut'],
    [4403, 'removed'],
  ]),
);

/**
 * The family's live events, over a connection that comes back by itself until the session ends: a WebSocket, or an
 * event stream where something on the way lets no WebSocket through.
 */
export class LiveConnection {
  #token;
  #listener;
  /** @type {Carrier | null} */
  #carrier = null;
  /**
   * The one thing this connection waits for: to open, to be asked, to answer or to be tried again.
   *
   * @type {number | undefined}
   */
  #timer;
  #failures = 0;
  #fallback = false;
  #stopped = false;
  /** @type {number | null} */
  #offset = null;
  #heardAt = 0;

  /**
   * @param {string} token
   * @param {Listener} listener
   */
  constructor(token, listener) {
    this.#token = token;
    this.#listener = listener;
  }

  /** Connects at once: at the start, when a wait is cut short, when the network changed under the old connection. */
  connect() {
    if (this.#stopped) {
      return;
    }
    this.#abandon();
    this.#listener.onState({ kind: 'connecting' });

    const resumed = this.#offset !== null && Date.now() - this.#heardAt < RESUME_WITHIN_MS;
    const fallback = this.#fallback;
    let openedAt = 0;
    const open = fallback ? openEventStream : openSocket;
    this.#carrier = open(this.#token, resumed ? this.#offset : null, {
      opened: () => {
        openedAt = performance.now();
        this.#askLater();
        this.#listener.onState({ kind: 'live', fallback, resumed });
      },
      alive: () => this.#askLater(),
      heard: (message) => this.#heard(message),
      closed: (code) => {
        const reason = FINAL_CLOSES.get(code);
        if (reason) {
          this.#end(reason);
        } else {
          if (openedAt && performance.now() - openedAt > STEADY_AFTER_MS) {
            this.#failures = 0;
          }
          this.#lost(!openedAt);
        }
      },
    });
    this.#timer = window.setTimeout(() => this.#lost(true), OPEN_WITHIN_MS);
  }

  /**
   * @param {Report[]} reports
   * @returns {boolean} whether they were handed to an open connection
   */
  report(reports) {
    return this.#carrier?.report(reports) ?? false;
  }

  /** Without a connection until the next `connect`. */
  rest() {
    this.#abandon();
  }

  /** Ends for good. */
  stop() {
    this.#stopped = true;
    this.#abandon();
  }

  /** @param {Record<string, unknown>} message */
  #heard(message) {
    this.#heardAt = Date.now();
    if (typeof message.offset === 'number') {
      this.#offset = Math.max(this.#offset ?? 0, message.offset);
    }
    const event = readEvent(message);
    if (event) {
      this.#listener.onEvent(event);
    }
  }

  /**
   * A connection can die without a word, in a lift for instance. Scripts neither see the WebSocket's own pings nor can
   * they send any, so there is a message for it.
   */
  #askLater() {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => {
      this.#carrier?.ask();
      this.#timer = window.setTimeout(() => this.#lost(false), ANSWER_WITHIN_MS);
    }, ASK_AFTER_MS);
  }

  /** @param {boolean} refused whether it never opened, which is also how a 401 looks from here */
  async #lost(refused) {
    this.#abandon();
    // Half of the delay is random: when a server restarts, its families do not all come back in the same instant.
    const ceiling = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#failures++);
    const delay = ceiling * (0.5 + Math.random() / 2);
    this.#timer = window.setTimeout(() => this.connect(), delay);
    this.#listener.onState({ kind: 'waiting', retryAt: Date.now() + delay });

    const wasFallback = this.#fallback;
    this.#fallback = false; // each time a WebSocket is tried first
    const why = refused && !wasFallback ? await this.#listener.whyRefused() : null;
    if (why === 'reachable') {
      this.#fallback = true;
    } else if (why === 'signedOut' && !this.#stopped) {
      this.#end('signedOut');
    }
  }

  /** @param {'signedOut' | 'removed'} reason */
  #end(reason) {
    this.stop();
    this.#listener.onEnded(reason);
  }

  #abandon() {
    clearTimeout(this.#timer);
    this.#carrier?.close();
    this.#carrier = null;
  }
}
