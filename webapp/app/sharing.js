import { t } from './language.js';
import { Outbox } from './outbox.js';

/**
 * @typedef {import('./contract.js').Position} Position
 * @typedef {import('./contract.js').Report} Report
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
 * @property {() => void} onLeft an earlier page has left positions, or had none
 */

/** What is on its way at once: enough to catch up quickly, little enough to leave room for others. */
const MOST_ON_THEIR_WAY = 50;
/** Without an answer for this long they go again, under the same ids. */
const ANSWER_WITHIN_MS = 10_000;
/** A server that could not store them is asked again after this. */
const AGAIN_AFTER_MS = 3_000;

/** A device at rest reports nothing new. Without a word now and then it would look as if it had stopped sharing. */
const STILL_HERE_MS = 60_000;

/** From 1970 to 2001, from where some versions of Safari count. */
const SINCE_2001_MS = 978_307_200_000;
const DAY_MS = 86_400_000;

/** @type {PositionOptions} */
const AS_EXACT_AS_POSSIBLE = { enableHighAccuracy: true, maximumAge: 5_000, timeout: 30_000 };

/**
 * Shares this device's position, from a press of the switch until the next. It is never switched on by itself, not
 * even after a reload: who shares must have said so on the page they look at.
 *
 * Every position waits in the outbox until the server has acknowledged it. A lost connection sends the same ones again
 * under the same ids, so that the family gets each of them once.
 */
export class PositionSharing {
  #report;
  #listener;
  #outbox;
  /** @type {number | null} */
  #watch = null;
  /** @type {Set<string>} */
  #onTheirWay = new Set();
  /** @type {number | null} */
  #sharedAt = null;
  /** @type {number | undefined} */
  #timer;
  /** @type {number | undefined} */
  #stillHere;
  /** @type {Battery | null} */
  #battery = null;
  #paused = false;
  #keepAwake = false;
  /** @type {WakeLockSentinel | null} */
  #wakeLock = null;

  /**
   * @param {string} member
   * @param {(reports: Report[]) => boolean} report
   * @param {Listener} listener
   * @param {AbortSignal} until
   */
  constructor(member, report, listener, until) {
    this.#report = report;
    this.#listener = listener;
    this.#outbox = new Outbox(member);
    this.#outbox.open().then(() => {
      if (this.isOn) {
        this.#outbox.takeUp(); // the page has only loaded itself anew
      }
      this.#deliver();
      this.#listener.onLeft();
    });
    document.addEventListener('visibilitychange', () => this.#holdScreen(), { signal: until });
    until.addEventListener('abort', () => this.close());
  }

  get isOn() {
    return this.#watch !== null;
  }

  /** How many positions an earlier page has left: they wait until they are sent or discarded. */
  get left() {
    return this.#outbox.left;
  }

  sendLeft() {
    this.#outbox.takeUp();
    this.#deliver();
  }

  discardLeft() {
    this.#outbox.discard();
  }

  /** How many positions have not arrived yet. */
  get waiting() {
    return this.#outbox.size;
  }

  /** Why this browser cannot share from this page at all, or null when it can. */
  static get impossible() {
    if (!window.isSecureContext) {
      return t('sharing.insecure');
    }
    return 'geolocation' in navigator ? null : t('sharing.impossible');
  }

  start() {
    if (this.isOn || PositionSharing.impossible) {
      return;
    }
    this.#listener.onState({ kind: 'searching' });
    this.#watch = navigator.geolocation.watchPosition(
      (found) => this.#found(found),
      (problem) => this.#notFound(problem),
      { ...AS_EXACT_AS_POSSIBLE, maximumAge: 0 }, // what was measured before the switch was on is nobody's business
    );
    this.#askAgainLater();
    this.#watchBattery();
    this.#holdScreen();
  }

  /**
   * Nothing leaves the device from now on, not even what waits.
   *
   * @param {string} [problem] why, when it was not the person's own wish
   */
  stop(problem) {
    this.close();
    this.#outbox.clear();
    this.#sharedAt = null;
    this.#listener.onState({ kind: 'off', problem });
  }

  /** Ends with the page; what waits stays for the next one. */
  close() {
    if (this.#watch !== null) {
      navigator.geolocation.clearWatch(this.#watch);
      this.#watch = null;
    }
    clearTimeout(this.#timer);
    clearTimeout(this.#stillHere);
    this.#onTheirWay.clear();
    this.#holdScreen();
  }

  /** To be called whenever a connection has opened. */
  connected() {
    this.#onTheirWay.clear();
    this.#deliver();
  }

  /** @param {boolean} paused whether the server takes nothing right now: then nothing is collected for it either */
  pause(paused) {
    const resumed = this.#paused && !paused;
    this.#paused = paused;
    if (paused) {
      this.#outbox.clear();
    } else if (resumed && this.isOn) {
      this.#look({ ...AS_EXACT_AS_POSSIBLE, maximumAge: 0 }); // where I was before is not where I am
    }
  }

  /**
   * @param {boolean} wanted whether the screen stays on while this device shares
   * @returns {Promise<boolean>} whether that is so
   */
  async keepAwake(wanted) {
    this.#keepAwake = wanted;
    await this.#holdScreen();
    return !wanted || !this.isOn || this.#wakeLock !== null;
  }

  /** @param {string} id */
  acknowledged(id) {
    const report = this.#outbox.get(id);
    this.#onTheirWay.delete(id);
    if (!report) {
      return;
    }
    this.#outbox.remove(id);
    this.#listener.onShared(report);
    if (this.isOn) {
      this.#sharedAt = Date.now();
      this.#listener.onState({ kind: 'on', sharedAt: this.#sharedAt });
    }
    this.#deliver();
  }

  /**
   * @param {string} id
   * @param {string} code of the error
   * @param {string} message
   */
  refused(id, code, message) {
    if (code === 'unavailable') {
      clearTimeout(this.#timer);
      this.#timer = window.setTimeout(() => this.connected(), AGAIN_AFTER_MS);
    } else {
      this.#onTheirWay.delete(id);
      this.#outbox.remove(id); // the same would be refused again
      this.#deliver();
    }
    if (this.isOn && code !== 'paused' && message) {
      this.#listener.onState({ kind: 'searching', problem: t('sharing.refused', { message }) });
    }
  }

  /** @param {GeolocationPosition} found */
  #found({ coords, timestamp }) {
    if (!this.isOn) {
      return;
    }
    this.#askAgainLater();
    if (this.#paused) {
      return;
    }
    /** @type {Report} */
    const report = {
      id: randomId(),
      latitude: coords.latitude,
      longitude: coords.longitude,
      timestamp: new Date(measuredAt(timestamp)).toISOString(),
    };
    addNumber(report, 'accuracy', coords.accuracy);
    addNumber(report, 'altitude', coords.altitude);
    addNumber(report, 'speed', coords.speed);
    addNumber(report, 'bearing', coords.heading);
    if (this.#battery) {
      report.battery = this.#battery.level;
      report.charging = this.#battery.charging;
    }
    this.#outbox.add(report);
    this.#listener.onState({ kind: 'on', sharedAt: this.#sharedAt });
    this.#deliver();
  }

  /** @param {GeolocationPositionError} problem */
  #notFound(problem) {
    if (problem.code === problem.PERMISSION_DENIED) {
      this.stop(t('sharing.denied'));
    } else if (this.isOn && this.#onTheirWay.size === 0) {
      this.#listener.onState({ kind: 'searching', problem: t('sharing.lost') });
    }
  }

  #askAgainLater() {
    clearTimeout(this.#stillHere);
    this.#stillHere = window.setTimeout(() => {
      this.#askAgainLater();
      this.#look(AS_EXACT_AS_POSSIBLE);
    }, STILL_HERE_MS);
  }

  /** @param {PositionOptions} options */
  #look(options) {
    navigator.geolocation.getCurrentPosition(
      (found) => this.#found(found),
      (problem) => this.#notFound(problem),
      options,
    );
  }

  #deliver() {
    const next = this.#outbox.next(MOST_ON_THEIR_WAY - this.#onTheirWay.size, this.#onTheirWay);
    if (next.length === 0 || !this.#report(next)) {
      return;
    }
    next.forEach(({ id }) => this.#onTheirWay.add(id));
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.connected(), ANSWER_WITHIN_MS);
  }

  async #holdScreen() {
    const wanted = this.#keepAwake && this.isOn && !document.hidden;
    try {
      if (wanted && (this.#wakeLock === null || this.#wakeLock.released)) {
        this.#wakeLock = await navigator.wakeLock.request('screen');
      } else if (!wanted) {
        await this.#wakeLock?.release();
        this.#wakeLock = null;
      }
    } catch {
      this.#wakeLock = null; // a low battery, or a browser that has none
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

/**
 * When a position was measured.
 *
 * @param {number} timestamp what the browser says
 */
const measuredAt = (timestamp) =>
  Date.now() - timestamp > SINCE_2001_MS - DAY_MS ? timestamp + SINCE_2001_MS : timestamp;
