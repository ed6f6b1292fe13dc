import { isCurrent } from './family.js';
import { metresPerUnit } from './geo.js';
import { TRAIL_MS } from './glide.js';

/**
 * @typedef {import('./family.js').State} State
 * @typedef {import('./geo.js').Point} Point
 * @typedef {import('./glide.js').Glide} Glide
 *
 * @typedef {object} Face
 * @property {string} face initials, or an emoji
 * @property {number} colour
 * @property {State} state
 * @property {boolean} [followed]
 * @property {number | null} [heading] radians from north; null when there is none to show
 */

const RADIUS = 18;
/** How far a face points ahead, in pixels, and half the angle of its base. */
const POINT = 9;
const POINT_WIDTH = 0.55;
/** Nobody sees finer ones. */
const HEADING_STEP = Math.PI / 36;
/** Room for a face with all that may be around it, and for a name's height. */
const FACE_PX = 84;
const NAME_PX = 26;
const MOST_PICTURES = 500;
const EMOJI = /\p{Extended_Pictographic}|\p{Regional_Indicator}/u;
const TRAIL_STEPS = 12;
/** A line between two points of a trail that lie further apart in time would claim what nobody knows. */
const GAP_MS = 600_000;

/** Draws on a canvas over the map. */
export class Painter {
  canvas = document.createElement('canvas');
  #context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext('2d'));
  /**
   * The colours of app.css, each read once: to ask the style takes longer than to draw.
   *
   * @type {Map<string, string>}
   */
  #colours = new Map();
  /** @type {Map<string, HTMLCanvasElement>} */
  #pictures = new Map();
  #ratio = 1;
  #font = getComputedStyle(document.body).fontFamily;
  /** From the map to pixels, as in CSS: a, b, c, d, e, f. */
  #transform = [1, 0, 0, 1, 0, 0];
  #resolution = 1;
  #rotation = 0;
  #middle = 0;

  constructor() {
    this.canvas.className = 'members-canvas';
  }

  forgetColours() {
    this.#colours.clear();
    this.#pictures.clear();
  }

  /** @param {any} frame OpenLayers' frame state */
  begin({ size: [width, height], pixelRatio, coordinateToPixelTransform, viewState }) {
    this.#transform = coordinateToPixelTransform;
    this.#resolution = viewState.resolution;
    this.#rotation = viewState.rotation;
    this.#middle = viewState.center[1];
    if (this.#ratio !== pixelRatio) {
      this.#ratio = pixelRatio;
      this.#pictures.clear();
    }
    const pixelWidth = Math.round(width * pixelRatio);
    const pixelHeight = Math.round(height * pixelRatio);
    if (this.canvas.width !== pixelWidth || this.canvas.height !== pixelHeight) {
      this.canvas.width = pixelWidth;
      this.canvas.height = pixelHeight;
    }
    this.#context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
    this.#context.clearRect(0, 0, width, height);
    this.#context.globalAlpha = 1;
  }

  /**
   * @param {Point} point
   * @returns {Point}
   */
  toPixels({ x, y }) {
    const [a, b, c, d, e, f] = this.#transform;
    return { x: a * x + c * y + e, y: b * x + d * y + f };
  }

  /**
   * @param {Point} place in pixels
   * @param {number} accuracy in metres
   * @param {number} colour
   */
  drawAccuracy({ x, y }, accuracy, colour) {
    const radius = accuracy / metresPerUnit(this.#middle) / this.#resolution;
    if (radius <= RADIUS + 8) {
      return; // hidden by the face
    }
    const context = this.#context;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fillStyle = context.strokeStyle = this.#member(colour);
    context.globalAlpha = 0.09;
    context.fill();
    context.globalAlpha = 0.25;
    context.lineWidth = 1;
    context.stroke();
    context.globalAlpha = 1;
  }

  /**
   * @param {Glide} glide
   * @param {number} now
   * @param {number} colour
   */
  drawTrail(glide, now, colour) {
    const context = this.#context;
    const today = Date.now();
    const points = [...glide.trail, { point: glide.at(now), at: glide.trail.at(-1)?.at ?? today }];
    context.strokeStyle = this.#member(colour);
    context.lineJoin = 'round';
    context.beginPath();
    // In a few steps instead of point by point: every end of a see-through line shows.
    let drawn = 0;
    for (let i = 1; i < points.length; i++) {
      const freshness = Math.ceil((1 - (today - points[i].at) / TRAIL_MS) * TRAIL_STEPS) / TRAIL_STEPS;
      const broken = points[i].at - points[i - 1].at > GAP_MS;
      if (freshness <= 0) {
        continue;
      }
      const to = this.toPixels(points[i].point);
      if (freshness !== drawn) {
        context.stroke();
        context.globalAlpha = 0.15 + 0.5 * freshness ** 2;
        context.lineWidth = 2 + 2.5 * freshness;
        context.beginPath();
        const from = this.toPixels(points[i - 1].point);
        context.moveTo(from.x, from.y);
        drawn = freshness;
      }
      if (broken) {
        context.moveTo(to.x, to.y);
      } else {
        context.lineTo(to.x, to.y);
      }
    }
    context.stroke();
    context.globalAlpha = 1;
  }

  /**
   * A day's line: what is passed in full, what is to come pale.
   *
   * @param {Point[]} line
   * @param {number} passed how many points
   * @param {number} colour
   */
  drawLine(line, passed, colour) {
    const context = this.#context;
    /** @type {(points: Point[]) => void} */
    const trace = (points) => {
      context.beginPath();
      points.forEach((point, index) => {
        const { x, y } = this.toPixels(point);
        if (index === 0) {
          context.moveTo(x, y);
        } else {
          context.lineTo(x, y);
        }
      });
      context.stroke();
    };
    context.lineJoin = context.lineCap = 'round';
    context.strokeStyle = this.#colour('--map-halo');
    context.lineWidth = 7;
    trace(line);
    context.strokeStyle = this.#member(colour);
    context.lineWidth = 4;
    context.globalAlpha = 0.35;
    trace(line);
    context.globalAlpha = 1;
    trace(line.slice(0, passed));
    context.lineCap = 'butt';
  }

  /**
   * @param {Point} point
   * @param {number} number
   * @param {number} colour
   */
  drawStop(point, number, colour) {
    const { x, y } = this.toPixels(point);
    const context = this.#context;
    context.beginPath();
    context.arc(x, y, 12, 0, 2 * Math.PI);
    context.fillStyle = this.#colour('--surface-raised');
    context.fill();
    context.strokeStyle = this.#member(colour);
    context.lineWidth = 2.5;
    context.stroke();
    context.fillStyle = this.#colour('--ink');
    context.font = `600 12px ${this.#font}`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.fillText(String(number), x, y + 0.5);
  }

  /**
   * From the place where a member is to their face, which made room.
   *
   * @param {Point} from in pixels
   * @param {Point} to in pixels
   * @param {number} colour
   */
  drawLeader(from, to, colour) {
    if (Math.hypot(to.x - from.x, to.y - from.y) < 5) {
      return;
    }
    const context = this.#context;
    context.strokeStyle = context.fillStyle = this.#member(colour);
    context.lineWidth = 1.5;
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(to.x, to.y);
    context.stroke();
    context.beginPath();
    context.arc(from.x, from.y, 3.5, 0, 2 * Math.PI);
    context.fill();
  }

  /**
   * @param {Point} place in pixels
   * @param {Face} face
   */
  drawFace(place, { face, colour, state, followed = false, heading = null }) {
    const ahead = heading === null ? null : Math.round((heading + this.#rotation) / HEADING_STEP) * HEADING_STEP;
    const key = JSON.stringify([face, colour, state, followed, ahead]);
    this.#stamp(key, place, FACE_PX, FACE_PX, (context) => {
      const tint = state === 'alarm' ? this.#colour('--bad') : this.#member(colour);
      if (state === 'alarm') {
        context.lineWidth = 4;
        context.strokeStyle = tint;
        context.beginPath();
        context.arc(0, 0, RADIUS + 8, 0, 2 * Math.PI);
        context.stroke();
      }
      if (followed) {
        context.globalAlpha = 0.25;
        context.fillStyle = tint;
        context.beginPath();
        context.arc(0, 0, RADIUS + 9, 0, 2 * Math.PI);
        context.fill();
        context.globalAlpha = 1;
      }
      context.fillStyle = this.#colour('--surface-raised');
      context.shadowColor = this.#colour('--map-shadow');
      context.shadowBlur = 8;
      context.shadowOffsetY = 2;
      traceFace(context, RADIUS + 2.5, ahead);
      context.fill();
      context.shadowColor = 'transparent';

      if (isCurrent(state)) {
        context.fillStyle = tint;
        traceFace(context, RADIUS, ahead);
        context.fill();
      } else {
        // Hollow: where somebody was, not where they are. Dashed: and they are not there to be asked.
        context.strokeStyle = tint;
        context.lineWidth = 2.5;
        context.setLineDash(state === 'stale' ? [] : [4, 3]);
        traceFace(context, RADIUS - 1, null);
        context.stroke();
        context.setLineDash([]);
      }
      context.fillStyle = isCurrent(state) ? this.#colour('--on-member') : tint;
      context.font = EMOJI.test(face) ? `22px ${this.#font}` : `600 14px ${this.#font}`;
      context.textAlign = 'center';
      context.textBaseline = 'middle';
      context.fillText(face, 0, 0.5);
      if (state === 'paused') {
        this.#drawPause(context, RADIUS - 4, 4 - RADIUS);
      }
    });
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number} x
   * @param {number} y
   */
  #drawPause(context, x, y) {
    context.beginPath();
    context.arc(x, y, 8, 0, 2 * Math.PI);
    context.fillStyle = this.#colour('--ink');
    context.fill();
    context.fillStyle = this.#colour('--surface-raised');
    context.fillRect(x - 3.5, y - 3.5, 2.5, 7);
    context.fillRect(x + 1, y - 3.5, 2.5, 7);
  }

  /**
   * Below a face, with a rim in the ground's colour, readable on anything.
   *
   * @param {string} name
   * @param {Point} place of the face, in pixels
   */
  drawName(name, { x, y }) {
    const font = `600 13px ${this.#font}`;
    this.#context.font = font;
    const width = Math.ceil(this.#context.measureText(name).width) + 8;
    this.#stamp(name, { x, y: y + RADIUS + 15 }, width, NAME_PX, (context) => {
      context.font = font;
      context.textAlign = 'center';
      context.textBaseline = 'alphabetic';
      context.lineJoin = 'round';
      context.lineWidth = 4;
      context.strokeStyle = this.#colour('--map-halo');
      context.strokeText(name, 0, 5);
      context.fillStyle = this.#colour('--ink');
      context.fillText(name, 0, 5);
    });
  }

  /**
   * Draws what is drawn in every frame as a picture that was painted once: shadows and rims take long.
   *
   * @param {string} key the same for the same picture
   * @param {Point} place of its middle, in pixels
   * @param {number} width
   * @param {number} height
   * @param {(context: CanvasRenderingContext2D) => void} paint around 0, 0
   */
  #stamp(key, { x, y }, width, height, paint) {
    const ratio = this.#ratio;
    let picture = this.#pictures.get(key);
    if (!picture) {
      if (this.#pictures.size >= MOST_PICTURES) {
        this.#pictures.clear();
      }
      picture = document.createElement('canvas');
      picture.width = Math.ceil(width * ratio);
      picture.height = Math.ceil(height * ratio);
      const context = /** @type {CanvasRenderingContext2D} */ (picture.getContext('2d'));
      context.setTransform(ratio, 0, 0, ratio, picture.width / 2, picture.height / 2);
      paint(context);
      this.#pictures.set(key, picture);
    }
    const across = picture.width / ratio;
    const down = picture.height / ratio;
    this.#context.drawImage(picture, x - across / 2, y - down / 2, across, down);
  }

  /** @param {number} colour */
  #member(colour) {
    return this.#colour(`--member-${colour}`);
  }

  /** @param {string} name of a custom property */
  #colour(name) {
    let colour = this.#colours.get(name);
    if (colour === undefined) {
      colour = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
      this.#colours.set(name, colour);
    }
    return colour;
  }
}

/**
 * A disc, drawn out to a point in the direction of travel.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {number} radius
 * @param {number | null} heading radians from the top
 */
function traceFace(context, radius, heading) {
  context.beginPath();
  if (heading === null) {
    context.arc(0, 0, radius, 0, 2 * Math.PI);
    return;
  }
  const ahead = heading - Math.PI / 2; // a canvas counts from east
  const tip = radius + POINT;
  context.arc(0, 0, radius, ahead + POINT_WIDTH, ahead - POINT_WIDTH + 2 * Math.PI);
  context.lineTo(Math.cos(ahead) * tip, Math.sin(ahead) * tip);
  context.closePath();
}
