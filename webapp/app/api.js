/** @typedef {import('./contract.js').User} User */

/** An answer that was not the one asked for; its message is meant for people. */
export class ApiProblem extends Error {
  /**
   * @param {string} message
   * @param {number} statusCode 0 when no answer came at all
   */
  constructor(message, statusCode) {
    super(message);
    this.statusCode = statusCode;
  }

  /** Whether the server no longer knows this device, so that asking again is of no use. */
  get endsSession() {
    return this.statusCode === 401;
  }
}

const ANSWER_WITHIN_MS = 15_000;

/**
 * @param {string} method
 * @param {string} path relative to the page, so that Draugar also works below another context root
 * @param {{token?: string, body?: object}} [options]
 * @returns {Promise<any>} the answer's JSON, or null when it has no body
 */
async function request(method, path, { token, body } = {}) {
  /** @type {Record<string, string>} */
  const headers = { Accept: 'application/json' };
  if (token) {
    headers.Authorization = `Bearer ${token}`;
  }
  if (body) {
    headers['Content-Type'] = 'application/json';
  }
  let response;
  let text;
  try {
    response = await fetch(new URL(path, document.baseURI), {
      method,
      headers,
      body: body ? JSON.stringify(body) : undefined,
      cache: 'no-store',
      credentials: 'omit',
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    text = await response.text();
  } catch {
    throw new ApiProblem('Draugar cannot be reached. Check the connection and try again.', 0);
  }
  const answer = parseOrNull(text);
  if (!response.ok) {
    const message = typeof answer?.message === 'string' ? answer.message : `The server answered ${response.status}.`;
    throw new ApiProblem(message, response.status);
  }
  return answer;
}

/** @param {string} text */
function parseOrNull(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null; // a proxy's HTML page, say, or no body at all
  }
}

/**
 * @param {string} code
 * @param {string} name
 * @returns {Promise<{token: string, user: User}>}
 */
export const join = (code, name) => request('POST', 'api/auth/join', { body: { code, name } });

/**
 * @param {string} token
 * @returns {Promise<User>}
 */
export const whoAmI = (token) => request('GET', 'api/auth/me', { token });

/**
 * @param {string} token
 * @returns {Promise<void>}
 */
export const leave = (token) => request('POST', 'api/auth/leave', { token });

/**
 * @param {string} token
 * @returns {Promise<User[]>}
 */
export const users = async (token) => (await request('GET', 'api/users', { token }))?.users ?? [];

/**
 * @param {string} token
 * @returns {Promise<{code: string, expiresAt: string}>}
 */
export const invite = (token) => request('POST', 'api/invites', { token, body: {} });
