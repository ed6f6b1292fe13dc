/**
 * @typedef {import('./contract.js').Position} Position
 *
 * @typedef {{kind: 'off', problem?: string}
 *   | {kind: 'searching', problem?: string}
 *   | {kind: 'on', sharedAt: number | null}} SharingState
 *     `sharedAt`: when the server last acknowledged a position as safely stored; null while it has not yet.
 *
 * @typedef {{level: number, charging: boolean}} Battery kept up to date by the browser
 *
 * @typedef {object} Listener
 * @property {(state: SharingState) => void} onState
 * @property {(position: Position) => void} onShared
 */

/** Without an answer for this long the newest position goes instead. */
const ANSWER_WITHIN_MS = 10_000;

/** A device at rest reports nothing new. Without a word now and then it would look as if it had stopped sharing. */
const STILL_HERE_MS = 60_000;

/** @type {PositionOptions} */
const AS_EXACT_AS_POSSIBLE = { enableHighAccuracy: true, maximumAge: 5_000, timeout: 30_000 };

/**
 * Shares this device's position, from a press of the switch until the next. It is never switched on by itself, not
 * even after a reload: who shares must have said so on the page they look at.
 *
 * One position at a time is on its way; while it is, only the newest waits behind it. A lost connection sends the same
 * one again under the same id, so that the family gets it once.
 */
export class PositionSharing {
  #send;
  #listener;
  /** @type {number | null} */
  #watch = null;
  /** @type {{id: string, position: Position} | null} */
  #onItsWay = null;
  /** @type {Position | null} */
  #waiting = null;
  /** @type {number | null} */
  #sharedAt = null;
  /** @type {number | undefined} */
  #timer;
  /** @type {number | undefined} */
  #stillHere;
  /** @type {Battery | null} */
  #battery = null;

  /**
   * @param {(message: object) => boolean} send
   * @param {Listener} listener
   */
  constructor(send, listener) {
    this.#send = send;
    this.#listener = listener;
  }

  get isOn() {
    return this.#watch !== null;
  }

  /** Why this browser cannot share from this page at all, or null when it can. */
  static get impossible() {
    if (!window.isSecureContext) {
      return 'Not possible here: browsers tell the position only to pages opened with https:// or on localhost.';
    }
    return 'geolocation' in navigator ? null : 'Not possible here: this browser cannot tell the position.';
  }

  start() {
    if (this.isOn || PositionSharing.impossible) {
      return;
    }
    this.#listener.onState({ kind: 'searching' });
    this.#watch = navigator.geolocation.watchPosition(
      (found) => this.#found(found),
      (problem) => this.#notFound(problem),
      AS_EXACT_AS_POSSIBLE,
    );
    this.#askAgainLater();
    this.#watchBattery();
  }

  /** @param {string} [problem] why, when it was not the person's own wish */
  stop(problem) {
    if (this.#watch !== null) {
      navigator.geolocation.clearWatch(this.#watch);
      this.#watch = null;
    }
    clearTimeout(this.#timer);
    clearTimeout(this.#stillHere);
    this.#onItsWay = null; // nothing leaves the device after the switch is off, not even a retry
    this.#waiting = null;
    this.#sharedAt = null;
    this.#listener.onState({ kind: 'off', problem });
  }

  /** To be called whenever a connection has opened. */
  connected() {
    if (this.#onItsWay) {
      this.#deliver();
    }
  }

  /** @param {string} id */
  acknowledged(id) {
    if (this.#onItsWay?.id !== id) {
      return;
    }
    this.#listener.onShared(this.#onItsWay.position);
    this.#sharedAt = Date.now();
    this.#next();
    this.#listener.onState({ kind: 'on', sharedAt: this.#sharedAt });
  }

  /**
   * @param {string} id
   * @param {string} problem
   * @param {boolean} forGood whether the same position would be refused again; else it goes again in a while
   */
  refused(id, problem, forGood) {
    if (this.#onItsWay?.id !== id) {
      return;
    }
    if (forGood) {
      this.#next();
    }
    this.#listener.onState({ kind: 'searching', problem });
  }

  /** @param {GeolocationPosition} found */
  #found({ coords, timestamp }) {
    if (!this.isOn) {
      return;
    }
    this.#askAgainLater();
    /** @type {Position} */
    const position = {
      latitude: coords.latitude,
      longitude: coords.longitude,
      timestamp: new Date(timestamp).toISOString(),
    };
    addNumber(position, 'accuracy', coords.accuracy);
    addNumber(position, 'altitude', coords.altitude);
    addNumber(position, 'speed', coords.speed);
    addNumber(position, 'bearing', coords.heading);
    if (this.#battery) {
      position.battery = this.#battery.level;
      position.charging = this.#battery.charging;
    }
    this.#waiting = position;
    if (!this.#onItsWay) {
      this.#next();
    }
  }

  /** @param {GeolocationPositionError} problem */
  #notFound(problem) {
    if (problem.code === problem.PERMISSION_DENIED) {
      this.stop('The browser was not allowed to tell your position. You can change that in its site settings.');
    } else if (this.isOn && !this.#onItsWay) {
      this.#listener.onState({ kind: 'searching', problem: 'This device cannot tell where it is right now.' });
    }
  }

  #askAgainLater() {
    clearTimeout(this.#stillHere);
    this.#stillHere = window.setTimeout(() => {
      this.#askAgainLater();
      navigator.geolocation.getCurrentPosition(
        (found) => this.#found(found),
        (problem) => this.#notFound(problem),
        AS_EXACT_AS_POSSIBLE,
      );
    }, STILL_HERE_MS);
  }

  #next() {
    clearTimeout(this.#timer);
    this.#onItsWay = this.#waiting ? { id: randomId(), position: this.#waiting } : null;
    this.#waiting = null;
    if (this.#onItsWay) {
      this.#deliver();
    }
  }

  #deliver() {
    if (!this.#onItsWay) {
      return;
    }
    const { id, position } = this.#onItsWay;
    this.#listener.onState({ kind: 'on', sharedAt: this.#sharedAt });
    clearTimeout(this.#timer);
    if (this.#send({ type: 'location:update', id, ...position })) {
      this.#timer = window.setTimeout(() => this.#unanswered(), ANSWER_WITHIN_MS);
    }
  }

  #unanswered() {
    if (this.#waiting) {
      this.#next();
    } else {
      this.#deliver();
    }
  }

  async #watchBattery() {
    // Only some browsers have it, so TypeScript's own declarations do not.
    const { getBattery } = /** @type {{getBattery?: () => Promise<Battery>}} */ (navigator);
    try {
      this.#battery = (await getBattery?.call(navigator)) ?? null;
    } catch {
      this.#battery = null; // not told, which is the browser's right
    }
  }
}

/**
 * Adds what the device measured; it says null, or NaN for the heading of somebody standing still, where it did not.
 *
 * @param {Position} position
 * @param {'accuracy' | 'altitude' | 'speed' | 'bearing'} member
 * @param {number | null} value
 */
function addNumber(position, member, value) {
  if (value !== null && Number.isFinite(value)) {
    position[member] = value;
  }
}

/** A random id. Plain http on a home network has no `crypto.randomUUID`. */
function randomId() {
  if (typeof crypto.randomUUID === 'function') {
    return crypto.randomUUID();
  }
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
