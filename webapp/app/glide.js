import { separation } from './geo.js';

/** @typedef {import('./geo.js').Point} Point */

/** How long a marker's trail stays visible. */
export const TRAIL_MS = 150_000;
const MOST_TRAIL_POINTS = 200;
const SHORTEST_GLIDE_MS = 200;
const LONGEST_GLIDE_MS = 1_500;

/**
 * A marker's way from point to point. It moves along the points that were reported, never across a corner, and takes
 * as long as the reports come apart, so that steady reports make a steady movement. All times are milliseconds of one
 * clock.
 */
export class Glide {
  /**
   * Where the marker has been, oldest first.
   *
   * @type {{point: Point, at: number}[]}
   */
  trail = [];
  #here;
  /** @type {Point[]} */
  #ahead = [];
  /** World units a millisecond. */
  #pace = 0;
  #movedAt;
  #reportedAt;

  /**
   * @param {Point} start
   * @param {number} now
   */
  constructor(start, now) {
    this.#here = start;
    this.#movedAt = now;
    this.#reportedAt = now;
    this.#remember(start, now);
  }

  get moving() {
    return this.#ahead.length > 0;
  }

  /** Where it will come to rest. */
  get destination() {
    return this.#ahead.at(-1) ?? this.#here;
  }

  /**
   * @param {Point} point
   * @param {number} now
   */
  moveTo(point, now) {
    let previous = this.at(now);
    let way = 0;
    this.#ahead.push(point);
    for (const next of this.#ahead) {
      way += separation(previous, next);
      previous = next;
    }
    this.#pace = way / Math.min(LONGEST_GLIDE_MS, Math.max(SHORTEST_GLIDE_MS, now - this.#reportedAt));
    this.#reportedAt = now;
  }

  /**
   * Without gliding: for those who asked their system for less motion.
   *
   * @param {Point} point
   * @param {number} now
   */
  jumpTo(point, now) {
    this.#ahead = [];
    this.#here = point;
    this.#remember(point, now);
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
      const apart = separation(this.#here, next);
      if (apart > way) {
        const share = way / apart;
        this.#here = {
          x: this.#here.x + (next.x - this.#here.x) * share,
          y: this.#here.y + (next.y - this.#here.y) * share,
        };
        break;
      }
      way -= apart;
      this.#here = next;
      this.#ahead.shift();
      this.#remember(next, now);
    }
    return this.#here;
  }

  /**
   * @param {Point} point
   * @param {number} now
   */
  #remember(point, now) {
    this.trail.push({ point, at: now });
    while (this.trail.length > MOST_TRAIL_POINTS || this.trail[0].at < now - TRAIL_MS) {
      this.trail.shift();
    }
  }
}
