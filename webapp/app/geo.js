/**
 * The flat world the map is drawn in: Web Mercator, the whole of it one unit wide, x to the east and y to the south.
 *
 * @typedef {{x: number, y: number}} Point
 */

const EARTH_CIRCUMFERENCE_M = 40_075_016.686;
/** Mercator has no poles: beyond this latitude everything is drawn at its edge. */
const MOST_LATITUDE = 85.05112878;

/**
 * @param {{latitude: number, longitude: number}} position
 * @returns {Point}
 */
export function toPoint({ latitude, longitude }) {
  const phi = radians(Math.max(-MOST_LATITUDE, Math.min(MOST_LATITUDE, latitude)));
  return {
    x: (longitude + 180) / 360,
    y: (1 - Math.log(Math.tan(phi) + 1 / Math.cos(phi)) / Math.PI) / 2,
  };
}

/**
 * How long one unit of the flat world is on the ground, at this height of it.
 *
 * @param {number} y
 */
export function metresPerUnit(y) {
  const phi = Math.atan(Math.sinh(Math.PI * (1 - 2 * y)));
  return EARTH_CIRCUMFERENCE_M * Math.cos(phi);
}

/**
 * The smallest of 1, 2, 5, 10, 20, 50 … that is not below `least`.
 *
 * @param {number} least
 */
export function roundStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= least * 0.999) ?? 10;
  return factor * power;
}

/**
 * @param {Point} a
 * @param {Point} b
 */
export const separation = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);

/** @param {number} degrees */
export const radians = (degrees) => (degrees * Math.PI) / 180;
