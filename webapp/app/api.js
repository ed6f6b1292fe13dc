import { parseObject, readPosition } from './contract.js';
import { t } from './language.js';

/**
 * @typedef {import('draugar').DeviceCode} DeviceCode
 * @typedef {import('draugar').Family} Family
 * @typedef {import('draugar').FamilyRequest} FamilyRequest
 * @typedef {import('draugar').Import} Import
 * @typedef {import('draugar').Imports} Imports
 * @typedef {import('draugar').Log} Log
 * @typedef {import('draugar').Webhook} Webhook
 * @typedef {import('draugar').Devices} Devices
 * @typedef {import('draugar').Invite} Invite
 * @typedef {import('draugar').Joined} Joined
 * @typedef {import('draugar').Maps} Maps
 * @typedef {import('draugar').MemberRequest} MemberRequest
 * @typedef {import('draugar').Members} Members
 * @typedef {import('draugar').NewTracker} NewTracker
 * @typedef {import('draugar').NewTrackerRequest} NewTrackerRequest
 * @typedef {import('draugar').OpenInvites} OpenInvites
 * @typedef {import('draugar').Page} Page
 * @typedef {import('draugar').Pause} Pause
 * @typedef {import('draugar').QrCode} QrCode
 * @typedef {import('draugar').Receipts} Receipts
 * @typedef {import('draugar').Tracker} Tracker
 * @typedef {import('draugar').TrackerRequest} TrackerRequest
 * @typedef {import('draugar').Trackers} Trackers
 * @typedef {import('draugar').User} User
 * @typedef {import('draugar').Validity} Validity
 * @typedef {import('./contract.js').Position} Position
 * @typedef {import('./contract.js').Report} Report
 */

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

/** @param {unknown} problem */
export const wordsFor = (problem) => (problem instanceof Error ? problem.message : String(problem));

const ANSWER_WITHIN_MS = 15_000;
/** Files take as long as they are large. */
const FILE_WITHIN_MS = 3_600_000;
const MOST_A_PAGE = 5_000;

/**
 * @typedef {object} Options
 * @property {string} [token]
 * @property {object} [body]
 * @property {Blob} [file] instead of a body
 * @property {string} [accept]
 * @property {number} [within] how long the answer may take, in milliseconds
 */

/**
 * @param {string} method
 * @param {string} path relative to the page, so that Draugar also works below another context root
 * @param {Options} [options]
 */
async function request(method, path, { token, body, file, accept = 'application/json', within } = {}) {
  /** @type {Record<string, string>} */
  const headers = { Accept: accept };
  if (token) {
    headers.Authorization = `Bearer ${token}`;
  }
  if (body) {
    headers['Content-Type'] = 'application/json';
  }
  let response;
  let content;
  try {
    response = await fetch(new URL(path, document.baseURI), {
      method,
      headers,
      body: body ? JSON.stringify(body) : file,
      cache: 'no-store',
      credentials: 'omit',
      signal: AbortSignal.timeout(within ?? ANSWER_WITHIN_MS),
    });
    content = await response.blob();
  } catch {
    throw new ApiProblem(t('problem.unreachable'), 0);
  }
  if (!response.ok) {
    const message = parseObject(await content.text())?.message;
    throw new ApiProblem(
      typeof message === 'string' ? message : t('problem.status', { status: response.status }),
      response.status,
    );
  }
  return content;
}

/**
 * @param {string} method
 * @param {string} path
 * @param {Options} [options]
 * @returns {Promise<any>} the answer's JSON, or null when it has none
 */
const ask = async (method, path, options) => parseObject(await (await request(method, path, options)).text());

/**
 * @param {string} code
 * @param {string} name
 * @param {string} device what it is to be called
 * @param {string} [before] the token that this one replaces
 * @returns {Promise<Joined>}
 */
export const join = (code, name, device, before) =>
  ask('POST', 'api/auth/join', { token: before, body: { code, name, device } });

/** @type {(code: string) => Promise<Validity>} */
export const validate = (code) => ask('POST', 'api/invites/validate', { body: { code } });

/** @type {(token: string) => Promise<User>} */
export const whoAmI = (token) => ask('GET', 'api/auth/me', { token });

/** @type {(token: string) => Promise<void>} */
export const leave = (token) => ask('POST', 'api/auth/leave', { token });

/** @type {(token: string) => Promise<Members>} */
export const members = (token) => ask('GET', 'api/users', { token });

/** @type {(token: string, id: string) => Promise<void>} */
export const removeMember = (token, id) => ask('DELETE', `api/users/${encodeURIComponent(id)}`, { token });

/** @type {(token: string, id: string, settings: MemberRequest) => Promise<void>} */
export const changeMember = (token, id, settings) =>
  ask('PATCH', `api/users/${encodeURIComponent(id)}`, { token, body: settings });

/** @type {(token: string) => Promise<import('draugar').Alarms>} of the last day */
export const alarms = (token) => ask('GET', 'api/alarms', { token });

/** @type {(token: string) => Promise<Devices>} */
export const devices = (token) => ask('GET', 'api/devices', { token });

/** @type {(token: string, id: string) => Promise<void>} */
export const signOut = (token, id) => ask('DELETE', `api/devices/${encodeURIComponent(id)}`, { token });

/** @type {(token: string, id: string, name: string) => Promise<void>} */
export const renameDevice = (token, id, name) =>
  ask('PATCH', `api/devices/${encodeURIComponent(id)}`, { token, body: { name } });

/** @type {(token: string, id: string) => Promise<DeviceCode>} id of a member, whose next device it signs in */
export const deviceCode = (token, id) => ask('POST', `api/users/${encodeURIComponent(id)}/device-codes`, { token });

/** @type {(token: string) => Promise<Family>} */
export const family = (token) => ask('GET', 'api/family', { token });

/** @type {(token: string, settings: FamilyRequest) => Promise<Family>} */
export const changeFamily = (token, settings) => ask('PATCH', 'api/family', { token, body: settings });

/** @type {(token: string, next?: string) => Promise<Log>} next: the path of a further page */
export const log = (token, next = 'api/log') => ask('GET', next.replace(/^\//, ''), { token });

/** @type {(token: string) => Promise<Webhook>} */
export const webhook = (token) => ask('GET', 'api/webhook', { token });

/** @type {(token: string, url: string) => Promise<Webhook>} */
export const setWebhook = (token, url) => ask('PUT', 'api/webhook', { token, body: { url } });

/** @type {(token: string) => Promise<void>} */
export const removeWebhook = (token) => ask('DELETE', 'api/webhook', { token });

/** @type {(token: string, id: string, file: File) => Promise<Import>} */
export const importFile = (token, id, file) =>
  ask('POST', `api/users/${encodeURIComponent(id)}/imports?name=${encodeURIComponent(file.name)}`, {
    token,
    file,
    within: FILE_WITHIN_MS,
  });

/** @type {(token: string, id: string) => Promise<Imports>} */
export const imports = (token, id) => ask('GET', `api/users/${encodeURIComponent(id)}/imports`, { token });

/** @type {(token: string, id: string) => Promise<Blob>} a ZIP */
export const everything = (token, id) =>
  request('GET', `api/users/${encodeURIComponent(id)}/export`, {
    token,
    accept: 'application/zip',
    within: FILE_WITHIN_MS,
  });

/** @type {(token: string, id: string) => Promise<void>} */
export const deleteAllLocations = (token, id) =>
  ask('DELETE', `api/users/${encodeURIComponent(id)}/locations`, { token });

/** @type {(token: string) => Promise<Maps>} */
export const maps = (token) => ask('GET', 'api/maps', { token });

/** @type {(token: string) => Promise<Trackers>} */
export const trackers = (token) => ask('GET', 'api/trackers', { token });

/** @type {(token: string, tracker: NewTrackerRequest) => Promise<NewTracker>} */
export const addTracker = (token, tracker) => ask('POST', 'api/trackers', { token, body: tracker });

/** @type {(token: string, id: string, settings: TrackerRequest) => Promise<Tracker>} */
export const changeTracker = (token, id, settings) =>
  ask('PATCH', `api/trackers/${encodeURIComponent(id)}`, { token, body: settings });

/** @type {(token: string) => Promise<Invite>} */
export const invite = (token) => ask('POST', 'api/invites', { token, body: {} });

/** @type {(token: string) => Promise<OpenInvites>} */
export const openInvites = (token) => ask('GET', 'api/invites', { token });

/** @type {(token: string, id: string) => Promise<void>} */
export const withdrawInvite = (token, id) => ask('DELETE', `api/invites/${encodeURIComponent(id)}`, { token });

/** @type {(token: string, text: string) => Promise<QrCode>} */
export const qrCode = (token, text) => ask('POST', 'api/qr-codes', { token, body: { text } });

/** @type {(token: string, hours: number | null) => Promise<Pause>} null: until it is ended */
export const pause = (token, hours) => ask('PUT', 'api/pause', { token, body: hours === null ? {} : { hours } });

/** @type {(token: string) => Promise<void>} */
export const resume = (token) => ask('DELETE', 'api/pause', { token });

/** @type {(token: string) => Promise<void>} */
export const stopSharing = (token) => ask('DELETE', 'api/sharing', { token });

/**
 * The same for a page that closes: the browser sends it afterwards, and nobody hears the answer.
 *
 * @param {string} token
 */
export function stopSharingAsItCloses(token) {
  fetch(new URL('api/sharing', document.baseURI), {
    method: 'DELETE',
    headers: { Authorization: `Bearer ${token}` },
    credentials: 'omit',
    keepalive: true,
  }).catch(() => {});
}

/** @type {(token: string, reports: Report[]) => Promise<Receipts>} */
export const report = (token, reports) => ask('POST', 'api/locations', { token, body: reports });

/**
 * @param {string} id of a member
 * @param {Date} from
 * @param {Date} to
 */
const locationsPath = (id, from, to) =>
  `api/users/${encodeURIComponent(id)}/locations?from=${from.toISOString()}&to=${to.toISOString()}`;

/**
 * The newest of a member's positions, with the device that it came from where they are one's own.
 *
 * @param {string} token
 * @param {string} id
 */
export async function lastLocation(token, id) {
  /** @type {Page} */
  const page = await ask('GET', `api/users/${encodeURIComponent(id)}/locations?order=desc&limit=1`, { token });
  return page.locations.at(0) ?? null;
}

/**
 * Where a member was last, the newest first, a hundred at most.
 *
 * @param {string} token
 * @param {string} id
 */
export async function lastLocations(token, id) {
  /** @type {Page} */
  const page = await ask('GET', `api/users/${encodeURIComponent(id)}/locations?order=desc&limit=100`, { token });
  return page.locations.map((location) => readPosition({ ...location })).filter((position) => position !== null);
}

/**
 * Where a member was, the oldest first, without what only the family's devices can read.
 *
 * @param {string} token
 * @param {string} id
 * @param {Date} from
 * @param {Date} to
 * @param {number} [simplify] leaves out what lies within so many metres of the line through the others
 */
export async function locations(token, id, from, to, simplify) {
  /** @type {Position[]} */
  const positions = [];
  /** @type {string | undefined} */
  let path = `${locationsPath(id, from, to)}&order=asc&limit=${MOST_A_PAGE}`;
  if (simplify !== undefined) {
    path += `&simplify=${simplify}`;
  }
  while (path) {
    /** @type {Page} */
    const page = await ask('GET', path.replace(/^\//, ''), { token });
    for (const location of page.locations) {
      const position = readPosition({ ...location });
      if (position) {
        positions.push(position);
      }
    }
    path = page.next;
  }
  return positions;
}

/**
 * The same as a file.
 *
 * @type {(token: string, id: string, from: Date, to: Date, type: string) => Promise<Blob>}
 */
export const locationsFile = (token, id, from, to, type) =>
  request('GET', locationsPath(id, from, to), { token, accept: type });

/** @type {(token: string, id: string, from: Date, to: Date) => Promise<void>} */
export const deleteLocations = (token, id, from, to) => ask('DELETE', locationsPath(id, from, to), { token });
