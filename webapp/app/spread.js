/** @typedef {import('./geo.js').Point} Point */

const MOST_ROUNDS = 40;
/** Where many crowd, fewer rounds have to do. */
const MOST_LOOKS = 4_000;
/** A name stands below each face: up and down they need more room than side by side. */
const HEIGHT_TO_WIDTH = 1.3;
const CLOSE_ENOUGH_PX = 0.5;

/**
 * How far to shift each of the points, in pixels, so that they come to lie `apart` from each other: a family at one
 * table stays five faces. The same points always give the same shifts, so that nothing trembles.
 *
 * @param {Point[]} points in pixels, in an order that does not change
 * @param {number} apart
 * @returns {Point[]}
 */
export function spread(points, apart) {
  const shifts = points.map((_, index) => {
    const angle = index * 2.4; // the golden angle: points on one spot part in all directions
    return { x: Math.cos(angle) * 0.01, y: Math.sin(angle) * 0.01 };
  });
  const rounds = Math.min(MOST_ROUNDS, Math.ceil(MOST_LOOKS / points.length));
  for (let round = 0; round < rounds; round++) {
    const pushes = pushesBetween(points, shifts, apart);
    if (!pushes) {
      break;
    }
    // All at once: one after the other, they would line up behind the first.
    pushes.forEach((push, index) => {
      shifts[index].x += push.x;
      shifts[index].y += push.y;
    });
  }
  return shifts;
}

/**
 * @param {Point[]} points
 * @param {Point[]} shifts
 * @param {number} apart
 * @returns {Point[] | null} null when everybody has room
 */
function pushesBetween(points, shifts, apart) {
  const pushes = points.map(() => ({ x: 0, y: 0 }));
  let crowded = false;
  for (let i = 0; i < points.length; i++) {
    for (let j = i + 1; j < points.length; j++) {
      const dx = points[j].x + shifts[j].x - points[i].x - shifts[i].x;
      const dy = (points[j].y + shifts[j].y - points[i].y - shifts[i].y) / HEIGHT_TO_WIDTH;
      const distance = Math.hypot(dx, dy);
      if (distance >= apart - CLOSE_ENOUGH_PX || distance === 0) {
        continue;
      }
      const push = (0.4 * (apart - distance)) / distance;
      pushes[i].x -= dx * push;
      pushes[i].y -= dy * push * HEIGHT_TO_WIDTH;
      pushes[j].x += dx * push;
      pushes[j].y += dy * push * HEIGHT_TO_WIDTH;
      crowded = true;
    }
  }
  return crowded ? pushes : null;
}
