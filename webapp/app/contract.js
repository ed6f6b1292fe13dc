/**
 * The one place where what comes over the wire is checked. The shapes are those of the published declarations.
 *
 * @typedef {import('draugar').User} User
 * @typedef {import('draugar').Member} FamilyMember
 * @typedef {import('draugar').Device} Device
 * @typedef {import('draugar').Location} Location
 * @typedef {import('draugar').Position} Position
 * @typedef {import('draugar').Tracker} Tracker
 * @typedef {import('draugar').PositionReport & {id: string}} Report
 *
 * @typedef {{type: 'position', userId: string, name: string, position: Position}} PositionEvent
 * @typedef {{type: 'encrypted', userId: string, name: string}} EncryptedEvent
 * @typedef {{type: 'presence', userId: string, online: boolean}} PresenceEvent
 * @typedef {{type: 'pause', userId: string, paused: boolean, until: string}} PauseEvent `until`: ISO 8601, or empty
 * @typedef {{type: 'stopped', userId: string, at: number}} StoppedEvent `at`: milliseconds since 1970
 * @typedef {{type: 'alarm', userId: string, name: string, about: string, at: number}} AlarmEvent one without a place
 * @typedef {{type: 'tracker'}} TrackerEvent one's own does otherwise than before; `GET api/trackers` says how
 * @typedef {{type: 'ack', id: string}} AckEvent
 * @typedef {{type: 'error', code: string, message: string, id: string}} ErrorEvent `id`: of the report, or empty
 * @typedef {PositionEvent | EncryptedEvent | PresenceEvent | PauseEvent | StoppedEvent | AlarmEvent} FamilyEvent
 * @typedef {FamilyEvent | TrackerEvent | AckEvent | ErrorEvent} LiveEvent
 */

/**
 * Reads one message. An unknown or broken one gives null: a newer server may say more than this page knows, and one bad
 * message must not stop the good ones.
 *
 * @param {Record<string, unknown>} message
 * @returns {LiveEvent | null}
 */
export function readEvent(message) {
  const userId = textOrNone(message.userId);
  switch (message.type) {
    case 'location:broadcast':
      return readBroadcast(message);
    case 'user:online':
    case 'user:offline':
      return userId ? { type: 'presence', userId, online: message.type === 'user:online' } : null;
    case 'user:paused':
    case 'user:resumed':
      return userId
        ? { type: 'pause', userId, paused: message.type === 'user:paused', until: textOrNone(message.until) }
        : null;
    case 'user:stopped': {
      const at = Date.parse(textOrNone(message.at));
      return userId && !Number.isNaN(at) ? { type: 'stopped', userId, at } : null;
    }
    case 'alarm': {
      const at = Date.parse(textOrNone(message.at));
      const about = textOrNone(message.alarm);
      return userId && about && !Number.isNaN(at)
        ? { type: 'alarm', userId, name: textOrNone(message.name), about, at }
        : null;
    }
    case 'tracker:update':
      return { type: 'tracker' };
    case 'ack':
      return isText(message.id) ? { type: 'ack', id: message.id } : null;
    case 'error':
      return {
        type: 'error',
        code: textOrNone(message.code),
        message: textOrNone(message.message),
        id: textOrNone(message.id),
      };
    default:
      return null;
  }
}

/**
 * @param {Record<string, unknown>} message
 * @returns {PositionEvent | EncryptedEvent | null}
 */
function readBroadcast(message) {
  if (isText(message.senderId) && typeof message.payload === 'object') {
    return { type: 'encrypted', userId: message.senderId, name: textOrNone(message.senderName) };
  }
  const position = readPosition(message);
  return isText(message.userId) && position
    ? { type: 'position', userId: message.userId, name: textOrNone(message.name), position }
    : null;
}

/**
 * @param {Record<string, unknown>} message
 * @returns {Position | null} null where it is none, or an encrypted one
 */
export function readPosition(message) {
  const { latitude, longitude, timestamp } = message;
  if (!isText(timestamp) || Number.isNaN(Date.parse(timestamp))) {
    return null;
  }
  if (!isNumber(latitude, -90, 90) || !isNumber(longitude, -180, 180)) {
    return null;
  }
  /** @type {Position} */
  const position = { latitude, longitude, timestamp };
  if (isNumber(message.accuracy, 0, 1e7)) position.accuracy = message.accuracy;
  if (isNumber(message.speed, 0, 1e4)) position.speed = message.speed;
  if (isNumber(message.bearing, -360, 360)) position.bearing = message.bearing;
  if (isNumber(message.battery, 0, 1)) position.battery = message.battery;
  if (typeof message.charging === 'boolean') position.charging = message.charging;
  if (isText(message.alarm)) position.alarm = message.alarm;
  return position;
}

/**
 * @param {unknown} text
 * @returns {Record<string, unknown> | null} an object, or null for anything else
 */
export function parseObject(text) {
  try {
    const value = JSON.parse(String(text));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null; // a proxy's HTML page, say
  }
}

/**
 * @param {unknown} value
 * @returns {value is string}
 */
function isText(value) {
  return typeof value === 'string' && value !== '';
}

/**
 * @param {unknown} value
 * @param {number} least
 * @param {number} most
 * @returns {value is number}
 */
function isNumber(value, least, most) {
  return typeof value === 'number' && value >= least && value <= most;
}

/** @param {unknown} value */
function textOrNone(value) {
  return isText(value) ? value : '';
}
