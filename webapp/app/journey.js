import { between, metresBetween, toPoint } from './geo.js';

/**
 * @typedef {import('./contract.js').Position} Position
 *
 * @typedef {object} Stop
 * @property {'stop'} kind
 * @property {number} from milliseconds since 1970
 * @property {number} to
 * @property {number} latitude
 * @property {number} longitude
 * @property {number} number the same where somebody comes back to a place
 *
 * @typedef {object} Move
 * @property {'move' | 'gap'} kind a gap: nobody knows
 * @property {number} from
 * @property {number} to
 * @property {number} metres
 */

/** Somebody who stays within this circle … */
const STOP_WITHIN_M = 75;
/** … for this long has stopped. */
const STOP_AFTER_MS = 5 * 60_000;
/** Stops that lie nearer to each other are one place. */
const SAME_PLACE_M = 150;
/** Without a word for this long, nobody knows. */
const GAP_MS = 20 * 60_000;

/**
 * A day on the way. Stops are found as stay points: Li et al., "Mining user similarity based on location history",
 * ACM GIS 2008.
 */
export class Journey {
  positions;
  /** @type {(Stop | Move)[]} */
  parts = [];
  #times;

  /** @param {Position[]} positions oldest first */
  constructor(positions) {
    this.positions = positions;
    this.#times = positions.map(({ timestamp }) => Date.parse(timestamp));
    this.#divide();
  }

  get from() {
    return this.#times[0];
  }

  get to() {
    return this.#times[this.#times.length - 1];
  }

  get stops() {
    return /** @type {Stop[]} */ (this.parts.filter(({ kind }) => kind === 'stop'));
  }

  get metres() {
    return this.parts.reduce((sum, part) => sum + (part.kind === 'stop' ? 0 : part.metres), 0);
  }

  /** How long a replay takes, in milliseconds of the day: what stands still passes faster. */
  get replayTime() {
    return this.parts.reduce((sum, part) => sum + (part.to - part.from) / haste(part), 0);
  }

  /**
   * Which instant a replay shows after another one.
   *
   * @param {number} instant
   * @param {number} passed milliseconds of the replay's time
   */
  later(instant, passed) {
    for (const part of this.parts) {
      if (part.to > instant) {
        const left = (part.to - instant) / haste(part);
        if (passed < left) {
          return instant + passed * haste(part);
        }
        passed -= left;
        instant = part.to;
      }
    }
    return this.to;
  }

  /**
   * Where they were then.
   *
   * @param {number} instant
   */
  at(instant) {
    let passed = this.#after(instant);
    const before = this.positions[Math.max(0, passed - 1)];
    const after = this.positions[Math.min(passed, this.positions.length - 1)];
    const [t0, t1] = [Date.parse(before.timestamp), Date.parse(after.timestamp)];
    const share = t1 > t0 ? Math.min(1, Math.max(0, (instant - t0) / (t1 - t0))) : 0;
    return { point: between(toPoint(before), toPoint(after), share), passed, position: before };
  }

  /**
   * How many positions lie at this instant or before.
   *
   * @param {number} instant
   */
  #after(instant) {
    let low = 0;
    let high = this.#times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#times[middle] <= instant) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  #divide() {
    const { positions } = this;
    let start = 0; // of what is neither stop nor gap
    let i = 0;
    while (i < positions.length) {
      let j = i + 1;
      while (
        j < positions.length &&
        metresBetween(positions[i], positions[j]) <= STOP_WITHIN_M &&
        this.#times[j] - this.#times[j - 1] < 3 * GAP_MS
      ) {
        j++;
      }
      const stayed = this.#times[j - 1] - this.#times[i];
      if (stayed >= STOP_AFTER_MS) {
        this.#move(start, i);
        this.#stop(i, j);
        start = j - 1;
        i = j;
      } else {
        i++;
      }
    }
    this.#move(start, positions.length - 1);
  }

  /**
   * @param {number} i
   * @param {number} j exclusive
   */
  #stop(i, j) {
    const stayed = this.positions.slice(i, j);
    /** @type {(read: (position: Position) => number) => number} */
    const mean = (read) => stayed.reduce((sum, position) => sum + read(position), 0) / stayed.length;
    const place = { latitude: mean(({ latitude }) => latitude), longitude: mean(({ longitude }) => longitude) };
    const before = this.stops.find((stop) => metresBetween(stop, place) < SAME_PLACE_M);
    const number = before?.number ?? Math.max(0, ...this.stops.map((stop) => stop.number)) + 1;
    this.parts.push({ kind: 'stop', from: this.#times[i], to: this.#times[j - 1], ...place, number });
  }

  /**
   * @param {number} i
   * @param {number} j
   */
  #move(i, j) {
    let from = i;
    let metres = 0;
    /** @param {number} to */
    const end = (to) => {
      if (to > from && metres > 0) {
        this.parts.push({ kind: 'move', from: this.#times[from], to: this.#times[to], metres });
      }
      metres = 0;
      from = to;
    };
    for (let k = i + 1; k <= j; k++) {
      const way = metresBetween(this.positions[k - 1], this.positions[k]);
      if (this.#times[k] - this.#times[k - 1] >= GAP_MS) {
        end(k - 1);
        this.parts.push({ kind: 'gap', from: this.#times[k - 1], to: this.#times[k], metres: way });
        from = k;
      } else {
        metres += way;
      }
    }
    end(j);
  }
}

/**
 * How much faster a replay passes a part than a way.
 *
 * @param {Stop | Move} part
 */
const haste = ({ kind }) => (kind === 'move' ? 1 : 20);
