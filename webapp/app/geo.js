/**
 * @typedef {{latitude: number, longitude: number}} Place degrees, WGS 84
 * @typedef {{x: number, y: number}} Point on the map: Web Mercator (EPSG:3857), x to the east and y to the north
 */

const EARTH_RADIUS_M = 6_378_137;
/** Mercator has no poles: beyond this latitude everything is drawn at its edge. */
const MOST_LATITUDE = 85.05112878;

/**
 * @param {Place} place
 * @returns {Point}
 */
export function toPoint({ latitude, longitude }) {
  const phi = radians(Math.max(-MOST_LATITUDE, Math.min(MOST_LATITUDE, latitude)));
  return { x: EARTH_RADIUS_M * radians(longitude), y: EARTH_RADIUS_M * Math.asinh(Math.tan(phi)) };
}

/**
 * How long one unit of the map is on the ground, in metres, at this height of it.
 *
 * @param {number} y
 */
export const metresPerUnit = (y) => 1 / Math.cosh(y / EARTH_RADIUS_M);

/**
 * Metres along a great circle (haversine).
 *
 * @param {Place} a
 * @param {Place} b
 */
export function metresBetween(a, b) {
  const north = Math.sin(radians(b.latitude - a.latitude) / 2) ** 2;
  const east = Math.sin(radians(b.longitude - a.longitude) / 2) ** 2;
  const share = north + east * Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude));
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(share)));
}

/**
 * In which direction to leave for somewhere: degrees clockwise from north, 0 to 360.
 *
 * @param {Place} from
 * @param {Place} to
 */
export function bearing(from, to) {
  const [phi, psi] = [radians(from.latitude), radians(to.latitude)];
  const turn = radians(to.longitude - from.longitude);
  const north = Math.cos(phi) * Math.sin(psi) - Math.sin(phi) * Math.cos(psi) * Math.cos(turn);
  return (Math.atan2(Math.sin(turn) * Math.cos(psi), north) * (180 / Math.PI) + 360) % 360;
}

/**
 * @param {Point} a
 * @param {Point} b
 */
export const separation = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);

/**
 * What lies between two points, at a share of the way.
 *
 * @param {Point} a
 * @param {Point} b
 * @param {number} share 0 to 1
 * @returns {Point}
 */
export const between = (a, b, share) => ({ x: a.x + (b.x - a.x) * share, y: a.y + (b.y - a.y) * share });

/** @param {number} degrees */
export const radians = (degrees) => (degrees * Math.PI) / 180;
