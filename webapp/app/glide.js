import { between, separation } from './geo.js';

/**
 * @typedef {import('./geo.js').Point} Point
 * @typedef {{point: Point, at: number}} Moment where somebody was, and when: milliseconds since 1970
 */

/** How long a marker's trail is. */
export const TRAIL_MS = 3_600_000;
/** Nobody sees a shorter step, in units of the map. */
const SHORTEST_STEP = 4;
const SHORTEST_GLIDE_MS = 200;
const LONGEST_GLIDE_MS = 1_500;

/**
 * A marker's way from point to point. It moves along the points that were reported, never across a corner, and takes
 * as long as the reports come apart, so that steady reports make a steady movement.
 */
export class Glide {
  /**
   * Where the marker has been, oldest first.
   *
   * @type {Moment[]}
   */
  trail = [];
  #here;
  /** @type {Moment[]} */
  #ahead = [];
  /** Units a millisecond. */
  #pace = 0;
  #movedAt;
  #reportedAt;

  /**
   * @param {Moment} start
   * @param {number} now by the page's own clock, as in all that follows
   */
  constructor(start, now) {
    this.#here = start.point;
    this.#movedAt = now;
    this.#reportedAt = now;
    this.#remember(start);
  }

  get moving() {
    return this.#ahead.length > 0;
  }

  /** Where it will come to rest. */
  get destination() {
    return this.#ahead.at(-1)?.point ?? this.#here;
  }

  /**
   * @param {Moment} moment
   * @param {number} now
   */
  moveTo(moment, now) {
    let previous = this.at(now);
    let way = 0;
    this.#ahead.push(moment);
    for (const { point } of this.#ahead) {
      way += separation(previous, point);
      previous = point;
    }
    this.#pace = way / Math.min(LONGEST_GLIDE_MS, Math.max(SHORTEST_GLIDE_MS, now - this.#reportedAt));
    this.#reportedAt = now;
  }

  /**
   * Without gliding: for those who asked their system for less motion.
   *
   * @param {Moment} moment
   */
  jumpTo(moment) {
    this.#ahead = [];
    this.#here = moment.point;
    this.#remember(moment);
  }

  /**
   * Takes over what was before this page knew of it.
   *
   * @param {Moment[]} earlier oldest first
   */
  recall(earlier) {
    const known = this.trail;
    this.trail = [];
    earlier.filter(({ at }) => at < (known[0]?.at ?? Infinity)).forEach((moment) => this.#remember(moment));
    this.trail.push(...known);
  }

  /**
   * Where the marker is now.
   *
   * @param {number} now
   * @returns {Point}
   */
  at(now) {
    // A frame's time lies a little before the clock's, so a point may seem to be reported after it is drawn.
    let way = this.#pace * Math.max(0, now - this.#movedAt);
    this.#movedAt = Math.max(now, this.#movedAt);
    while (this.#ahead.length > 0) {
      const next = this.#ahead[0];
      const apart = separation(this.#here, next.point);
      if (apart > way) {
        this.#here = between(this.#here, next.point, way / apart);
        break;
      }
      way -= apart;
      this.#here = next.point;
      this.#ahead.shift();
      this.#remember(next);
    }
    return this.#here;
  }

  /** @param {Moment} moment */
  #remember(moment) {
    const last = this.trail.at(-1);
    const previous = this.trail.at(-2);
    // Who stands still makes one point, which stays as young as they are.
    if (last && previous && separation(previous.point, moment.point) < SHORTEST_STEP) {
      last.at = moment.at;
    } else {
      this.trail.push(moment);
    }
    while (this.trail.length > 1 && this.trail[0].at < Date.now() - TRAIL_MS) {
      this.trail.shift();
    }
  }
}
