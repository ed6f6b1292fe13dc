import { metresPerUnit } from './geo.js';

/** @typedef {import('./geo.js').Point} Point */

/** Even somebody alone is shown with the streets around them. */
const LEAST_SHOWN_M = 320;
/** Room around what was fitted, so that a walk to the corner does not move the map. */
const SLACK = 1.25;
/** When everybody has come this much closer together, it is worth moving in. */
const CLOSER = 2.2;
/** What markers, names and overlays need at the edges, in pixels. */
const MARGIN_X = 48;
const MARGIN_Y = 72;
const EASE_MS = 240;

/** Which part of the world is shown. It moves seldom, and then smoothly: a map that keeps moving cannot be read. */
export class Camera {
  #width = 1;
  #height = 1;
  #shown = { x: 0.5, y: 0.5, scale: 256 };
  #wanted = this.#shown;
  #placed = false;

  /** The middle of what is shown, and how many pixels a world unit has. */
  get view() {
    return this.#shown;
  }

  /** Whether it has ever had somebody to look at. */
  get placed() {
    return this.#placed;
  }

  get settled() {
    return this.#shown === this.#wanted;
  }

  /**
   * @param {number} width
   * @param {number} height
   */
  resize(width, height) {
    this.#width = width;
    this.#height = height;
    this.#placed = false; // a turned phone is a new picture, not a journey
  }

  /**
   * Keeps all the points in view.
   *
   * @param {Point[]} points
   * @param {boolean} now whether to fit them anew even if they are in view already
   */
  fit(points, now) {
    if (points.length === 0) {
      return;
    }
    const best = this.#bestFor(points);
    if (now || !this.#placed || !this.#holds(points) || best.scale > this.#wanted.scale * CLOSER) {
      this.#want(best);
    }
  }

  /** @param {Point} point */
  follow(point) {
    this.#want({ ...point, scale: this.#closest(point.y) / SLACK });
  }

  /**
   * Moves on.
   *
   * @param {number} elapsed milliseconds since the last time
   */
  step(elapsed) {
    const from = this.#shown;
    const to = this.#wanted;
    const share = 1 - Math.exp(-elapsed / EASE_MS);
    const next = {
      x: from.x + (to.x - from.x) * share,
      y: from.y + (to.y - from.y) * share,
      scale: from.scale * (to.scale / from.scale) ** share,
    };
    const pixelsLeft = Math.hypot(to.x - next.x, to.y - next.y) * to.scale;
    this.#shown = pixelsLeft < 0.2 && Math.abs(to.scale / next.scale - 1) < 0.001 ? to : next;
  }

  /** Arrives at once. */
  jump() {
    this.#shown = this.#wanted;
  }

  /**
   * @param {Point} point
   * @returns {Point} in pixels
   */
  toPixels(point) {
    return project(point, this.#shown, this.#width, this.#height);
  }

  /** @param {{x: number, y: number, scale: number}} view */
  #want(view) {
    this.#wanted = view;
    if (!this.#placed) {
      this.#shown = view;
      this.#placed = true;
    }
  }

  /** @param {Point[]} points */
  #bestFor(points) {
    const xs = points.map((point) => point.x);
    const ys = points.map((point) => point.y);
    const west = Math.min(...xs);
    const east = Math.max(...xs);
    const north = Math.min(...ys);
    const south = Math.max(...ys);
    const y = (north + south) / 2;
    const scale = Math.min(
      this.#closest(y),
      this.#innerWidth / Math.max(east - west, Number.EPSILON),
      this.#innerHeight / Math.max(south - north, Number.EPSILON),
    );
    return { x: (west + east) / 2, y, scale: scale / SLACK };
  }

  /** @param {number} y */
  #closest(y) {
    return Math.min(this.#innerWidth, this.#innerHeight) / (LEAST_SHOWN_M / metresPerUnit(y));
  }

  /** @param {Point[]} points */
  #holds(points) {
    return points.every((point) => {
      const { x, y } = project(point, this.#wanted, this.#width, this.#height);
      return (
        Math.abs(x - this.#width / 2) <= this.#innerWidth / 2 && Math.abs(y - this.#height / 2) <= this.#innerHeight / 2
      );
    });
  }

  get #innerWidth() {
    return Math.max(40, this.#width - 2 * MARGIN_X);
  }

  get #innerHeight() {
    return Math.max(40, this.#height - 2 * MARGIN_Y);
  }
}

/**
 * @param {Point} point
 * @param {{x: number, y: number, scale: number}} view
 * @param {number} width
 * @param {number} height
 * @returns {Point}
 */
function project(point, view, width, height) {
  return { x: (point.x - view.x) * view.scale + width / 2, y: (point.y - view.y) * view.scale + height / 2 };
}
