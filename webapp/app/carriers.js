import { report } from './api.js';
import { parseObject } from './contract.js';

/**
 * The two ways between this page and the server. Both say the same.
 *
 * @typedef {import('./contract.js').Report} Report
 *
 * @typedef {object} Carrier
 * @property {(reports: Report[]) => boolean} report sends positions; false when it cannot right now
 * @property {() => void} ask makes the server say something, if it is there
 * @property {() => void} close without a word to the listener
 *
 * @typedef {object} Listener
 * @property {() => void} opened
 * @property {(message: Record<string, unknown>) => void} heard
 * @property {() => void} alive something came, whatever it was
 * @property {(code: number) => void} closed with the WebSocket's close code, or an HTTP status
 */

const NORMAL_CLOSE = 1000;

/**
 * A WebSocket.
 *
 * @param {string} token
 * @param {number | null} since the last offset heard
 * @param {Listener} listener
 * @returns {Carrier}
 */
export function openSocket(token, since, listener) {
  const url = new URL('ws', document.baseURI);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  // The token travels as a subprotocol because a browser cannot set headers here and an address ends up in logs.
  const socket = new WebSocket(url, ['draugar.v1', `bearer.${token}`]);
  /** @param {import('draugar').ClientMessage} message */
  const send = (message) => socket.send(JSON.stringify(message));

  socket.onopen = () => {
    listener.opened();
    send(since === null ? { type: 'location:subscribe' } : { type: 'location:subscribe', since });
  };
  socket.onmessage = (frame) => {
    listener.alive();
    const message = parseObject(frame.data);
    if (message) {
      listener.heard(message);
    }
  };
  socket.onclose = (close) => listener.closed(close.code);
  return {
    report(reports) {
      const open = socket.readyState === WebSocket.OPEN;
      if (open) {
        reports.forEach((one) => send({ ...one, type: 'location:update' }));
      }
      return open;
    },
    ask: () => send({ type: 'ping' }),
    close() {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close(NORMAL_CLOSE);
    },
  };
}

/**
 * Server-sent events, read by hand because an EventSource cannot send a token, and a POST for what this page says.
 *
 * @param {string} token
 * @param {number | null} since the last offset heard
 * @param {Listener} listener
 * @returns {Carrier}
 */
export function openEventStream(token, since, listener) {
  const ending = new AbortController();
  let open = false;
  /** @type {Record<string, string>} */
  const headers = { Accept: 'text/event-stream', Authorization: `Bearer ${token}` };
  if (since !== null) {
    headers['Last-Event-ID'] = String(since);
  }

  const read = async () => {
    let status = 0;
    try {
      const response = await fetch(new URL('api/events', document.baseURI), {
        headers,
        cache: 'no-store',
        credentials: 'omit',
        signal: ending.signal,
      });
      status = response.ok ? 0 : response.status;
      if (response.ok && response.body) {
        open = true;
        listener.opened();
        await readStream(response.body);
      }
    } catch {
      // The network, or close().
    }
    open = false;
    if (!ending.signal.aborted) {
      listener.closed(status);
    }
  };

  /** @param {ReadableStream<Uint8Array<ArrayBuffer>>} body */
  const readStream = async (body) => {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      listener.alive();
      const blocks = (rest + chunk.value).split('\n\n');
      rest = blocks.pop() ?? '';
      blocks.map(readBlock).forEach((message) => message && listener.heard(message));
    }
  };

  /** @param {Report[]} reports */
  const post = async (reports) => {
    try {
      const { results } = await report(token, reports);
      listener.alive();
      results.forEach(({ id, stored, paused, message }) => {
        if (stored) {
          listener.heard({ type: 'ack', id });
        } else {
          listener.heard({ type: 'error', id, code: paused ? 'paused' : 'bad-message', message });
        }
      });
    } catch {
      reports.forEach(({ id }) => listener.heard({ type: 'error', id, code: 'unavailable' }));
    }
  };

  read();
  return {
    report(reports) {
      if (open) {
        post(reports);
      }
      return open;
    },
    ask() {
      // The server's own comments are what it says when there is nothing to say.
    },
    close: () => ending.abort(),
  };
}

/**
 * One event of a stream (WHATWG HTML, 9.2), as Draugar writes them: a line for each field.
 *
 * @param {string} block
 */
function readBlock(block) {
  /** @type {Record<string, string>} */
  const fields = {};
  for (const line of block.split('\n')) {
    const [, name, value] = /^(\w+): ?(.*)$/.exec(line) ?? [];
    if (name) {
      fields[name] = value;
    }
  }
  const data = parseObject(fields.data ?? 'null');
  return data && { ...data, type: fields.event, offset: Number(fields.id) || undefined };
}
