import { readEvent } from './contract.js';

/**
 * @typedef {import('./contract.js').LiveEvent} LiveEvent
 *
 * @typedef {{kind: 'connecting'} | {kind: 'live'} | {kind: 'waiting', retryAt: number}} ConnectionState
 *
 * @typedef {object} Listener
 * @property {(event: LiveEvent) => void} onEvent
 * @property {(state: ConnectionState) => void} onState
 * @property {(reason: string) => void} onEnded the session is over: trying again is of no use
 * @property {() => Promise<string | null>} whyRefused asks over HTTP why the upgrade failed: a reason that ends
 *     the session, or null when it is worth trying again. A browser hides the upgrade's status from the script.
 */

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;
const OPEN_WITHIN_MS = 15_000;
/** A connection that lived this long was a good one: the next attempt starts from the shortest delay again. */
const STEADY_AFTER_MS = 10_000;

/** How often to ask a quiet server whether it is there, and how long it may take to say anything. */
const ASK_AFTER_MS = 25_000;
const ANSWER_WITHIN_MS = 10_000;

const NORMAL_CLOSE = 1000;

/** The close codes after which coming back is of no use. All others, 4408 (too slow) among them, are worth a try. */
const FINAL_CLOSES = new Map([
  [4401, 'This device was signed out of the family.'],
  [4403, 'You are no longer a member of this family.'],
]);

/** The live events of the family, over a WebSocket that comes back by itself until the session ends. */
export class LiveConnection {
  #token;
  #listener;
  /** @type {WebSocket | null} */
  #socket = null;
  /**
   * The one thing this connection waits for: to open, to be asked, to answer or to be tried again.
   *
   * @type {number | undefined}
   */
  #timer;
  #failures = 0;
  #stopped = false;

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

    const url = new URL('ws', document.baseURI);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    // The token travels as a subprotocol because a browser cannot set headers here and an address ends up in logs.
    const socket = new WebSocket(url, ['draugar.v1', `bearer.${this.#token}`]);
    this.#socket = socket;
    this.#timer = window.setTimeout(() => this.#lost(socket), OPEN_WITHIN_MS);

    let openedAt = 0;
    socket.onopen = () => {
      clearTimeout(this.#timer);
      openedAt = performance.now();
      this.#listener.onState({ kind: 'live' });
      this.subscribe();
      this.#askLater(socket);
    };
    socket.onmessage = (message) => {
      this.#askLater(socket);
      const event = readEvent(message.data);
      if (event) {
        this.#listener.onEvent(event);
      }
    };
    socket.onclose = (close) => {
      const reason = FINAL_CLOSES.get(close.code);
      if (reason) {
        this.#end(reason);
      } else {
        if (openedAt && performance.now() - openedAt > STEADY_AFTER_MS) {
          this.#failures = 0;
        }
        this.#lost(socket, !openedAt);
      }
    };
  }

  /** Asks for the latest positions and all that follow. */
  subscribe() {
    this.send({ type: 'location:subscribe' });
  }

  /**
   * @param {object} message
   * @returns {boolean} whether it was handed to an open connection
   */
  send(message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) {
      return false;
    }
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** Ends for good. */
  stop() {
    this.#stopped = true;
    this.#abandon();
  }

  /**
   * A connection can die without a word, in a lift for instance. Scripts neither see the WebSocket's own pings nor can
   * they send any, so there is a message for it.
   *
   * @param {WebSocket} socket
   */
  #askLater(socket) {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#ask(socket), ASK_AFTER_MS);
  }

  /** @param {WebSocket} socket */
  #ask(socket) {
    this.send({ type: 'ping' });
    this.#timer = window.setTimeout(() => this.#lost(socket), ANSWER_WITHIN_MS);
  }

  /**
   * @param {WebSocket} socket
   * @param {boolean} [refused] whether it never opened, which is also how a 401 looks from here
   */
  async #lost(socket, refused = false) {
    if (socket !== this.#socket) {
      return;
    }
    this.#abandon();
    // Half of the delay is random: when a server restarts, its families do not all come back in the same instant.
    const ceiling = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#failures++);
    const delay = ceiling * (0.5 + Math.random() / 2);
    this.#timer = window.setTimeout(() => this.connect(), delay);
    this.#listener.onState({ kind: 'waiting', retryAt: Date.now() + delay });

    const reason = refused ? await this.#listener.whyRefused() : null;
    if (reason && !this.#stopped) {
      this.#end(reason);
    }
  }

  /** @param {string} reason */
  #end(reason) {
    this.stop();
    this.#listener.onEnded(reason);
  }

  #abandon() {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close(NORMAL_CLOSE);
    }
  }
}
