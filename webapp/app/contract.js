/**
 * What goes over the wire, as far as this page uses it, and the one place where incoming messages are checked.
 *
 * @typedef {object} User
 * @property {string} id
 * @property {string} name
 * @property {string} [role] `admin` or `member`; only in the list of all users
 *
 * @typedef {object} Position
 * @property {number} latitude degrees, WGS 84
 * @property {number} longitude degrees, WGS 84
 * @property {string} timestamp ISO 8601, when it was measured
 * @property {number} [accuracy] metres
 * @property {number} [altitude] metres
 * @property {number} [speed] metres per second
 * @property {number} [bearing] degrees from north
 * @property {number} [battery] 0 to 1
 * @property {boolean} [charging]
 *
 * @typedef {{type: 'position', userId: string, name: string, position: Position}} PositionEvent
 * @typedef {{type: 'encrypted', userId: string, name: string}} EncryptedEvent
 * @typedef {{type: 'presence', userId: string, online: boolean}} PresenceEvent
 * @typedef {{type: 'ack', id: string}} AckEvent
 * @typedef {{type: 'error', code: string, message: string, id: string}} ErrorEvent `id`: of the update, or empty
 * @typedef {PositionEvent | EncryptedEvent | PresenceEvent | AckEvent | ErrorEvent} LiveEvent
 */

/**
 * Reads one frame of the WebSocket. An unknown or broken one gives null: a newer server may say more than this page
 * knows, and one bad message must not stop the good ones.
 *
 * @param {unknown} frame
 * @returns {LiveEvent | null}
 */
export function readEvent(frame) {
  const message = parse(frame);
  if (!message) {
    return null;
  }
  switch (message.type) {
    case 'location:broadcast':
      return readBroadcast(message);
    case 'user:online':
    case 'user:offline':
      return isText(message.userId)
        ? { type: 'presence', userId: message.userId, online: message.type === 'user:online' }
        : null;
    case 'ack':
      return isText(message.id) ? { type: 'ack', id: message.id } : null;
    case 'error':
      return {
        type: 'error',
        code: textOrNone(message.code),
        message: textOrNone(message.message) || 'The server refused a message.',
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
  const { latitude, longitude, timestamp } = message;
  if (!isText(message.userId) || !isText(timestamp) || Number.isNaN(Date.parse(timestamp))) {
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
  return { type: 'position', userId: message.userId, name: textOrNone(message.name), position };
}

/**
 * @param {unknown} frame
 * @returns {Record<string, unknown> | null}
 */
function parse(frame) {
  if (typeof frame !== 'string') {
    return null;
  }
  try {
    const value = JSON.parse(frame);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
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
