import { Camera } from './camera.js';
import { isFresh } from './family.js';
import { distance, initials, shorten } from './format.js';
import { metresPerUnit, radians, roundStep, toPoint } from './geo.js';
import { Glide, TRAIL_MS } from './glide.js';
import { spread } from './spread.js';

/**
 * @typedef {import('./family.js').Member} Member
 * @typedef {import('./contract.js').Position} Position
 * @typedef {import('./geo.js').Point} Point
 *
 * @typedef {object} Marker
 * @property {Member} member
 * @property {Position} position
 * @property {Glide} glide
 * @property {Point} shift how far it is drawn from its place, in pixels, to leave room for others
 */

const RADIUS = 18;
/** How far a face points ahead, in pixels, and half the angle of its base. */
const POINT = 9;
const POINT_WIDTH = 0.55;
const APART = 46;
const PICK_WITHIN = 28;
const LABEL_CHARACTERS = 14;
const TRAIL_STEPS = 12;
/** Whoever moves slower has no direction worth showing. */
const MOVING_MPS = 0.7;
/** The grid's lines are at least this many pixels apart. */
const GRID_PX = 84;
/** A jump this long is no movement anybody wants to watch. */
const LONGEST_GLIDE_M = 20_000;
const SHIFT_EASE_MS = 160;

/**
 * The members on a plain grid, drawn on a canvas: no tiles, so that nobody else learns where the family looks.
 * It draws only while something moves.
 */
export class MapView {
  #canvas;
  #context;
  #onPick;
  #camera = new Camera();
  /** @type {Map<string, Marker>} */
  #markers = new Map();
  /** @type {Map<string, {face: string, name: string}>} */
  #labels = new Map();
  /** @type {string | null} */
  #following = null;
  #refit = false;
  #width = 0;
  #height = 0;
  #frame = 0;
  #drawnAt = 0;
  /**
   * The colours of app.css, each read once: to ask the style takes longer than to draw.
   *
   * @type {Map<string, string>}
   */
  #colours = new Map();
  #font = '';
  #lessMotion = window.matchMedia('(prefers-reduced-motion: reduce)');

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {(id: string | null) => void} onPick the member somebody pointed at, or null for none
   */
  constructor(canvas, onPick) {
    const context = canvas.getContext('2d');
    if (!context) {
      throw new Error('This browser has no canvas');
    }
    this.#canvas = canvas;
    this.#context = context;
    this.#onPick = onPick;
    this.#readStyle();
    window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#readStyle());
    new ResizeObserver(() => this.#resize()).observe(canvas);
    canvas.addEventListener('click', (event) => this.#pick(event.offsetX, event.offsetY));
  }

  /**
   * Shows these members and nobody else.
   *
   * @param {Member[]} members
   */
  show(members) {
    const ids = new Set(members.map((member) => member.id));
    for (const id of this.#markers.keys()) {
      if (!ids.has(id)) {
        this.#markers.delete(id);
      }
    }
    members.forEach((member) => this.update(member));
    this.#describe();
  }

  /** @param {Member} member */
  update(member) {
    const marker = this.#markers.get(member.id);
    if (!member.position) {
      if (this.#markers.delete(member.id)) {
        this.#describe();
      }
    } else if (!marker) {
      const glide = new Glide(toPoint(member.position), performance.now());
      this.#markers.set(member.id, { member, position: member.position, glide, shift: { x: 0, y: 0 } });
      this.#refit = true;
      this.#describe();
    } else {
      marker.member = member;
      if (marker.position !== member.position) {
        marker.position = member.position;
        this.#move(marker);
      }
    }
    this.redraw();
  }

  /** @param {string | null} id whom to keep in the middle, or null for the whole family */
  follow(id) {
    this.#following = id;
    this.#refit = true;
    this.redraw();
  }

  redraw() {
    this.#frame ||= requestAnimationFrame((now) => this.#draw(now));
  }

  /** @param {Marker} marker */
  #move(marker) {
    const point = toPoint(marker.position);
    const now = performance.now();
    const from = marker.glide.destination;
    const way = Math.hypot(point.x - from.x, point.y - from.y) * metresPerUnit(point.y);
    if (way > LONGEST_GLIDE_M) {
      marker.glide = new Glide(point, now);
    } else if (this.#lessMotion.matches) {
      marker.glide.jumpTo(point, now);
    } else {
      marker.glide.moveTo(point, now);
    }
  }

  /** Who is on the map, for the names on it and for those who cannot see it: they have the list for everything else. */
  #describe() {
    const members = [...this.#markers.values()].map((marker) => marker.member);
    const names = members.map((member) => member.name);
    const firstNames = names.map((name) => name.split(/\s+/)[0]);
    this.#labels.clear();
    members.forEach((member, index) => {
      const first = firstNames[index];
      const alone = firstNames.indexOf(first) === firstNames.lastIndexOf(first);
      const name = member.isMe ? 'You' : shorten(alone ? first : member.name, LABEL_CHARACTERS);
      this.#labels.set(member.id, { face: initials(member.name), name });
    });
    const who = names.length > 0 ? `with ${names.join(', ')}` : 'without anybody yet';
    this.#canvas.setAttribute('aria-label', `Map ${who}. The list tells the details.`);
  }

  #readStyle() {
    this.#colours.clear();
    this.#font = getComputedStyle(document.body).fontFamily;
    this.redraw();
  }

  #resize() {
    const { clientWidth, clientHeight } = this.#canvas;
    this.#width = clientWidth;
    this.#height = clientHeight;
    this.#camera.resize(clientWidth, clientHeight);
    this.redraw();
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  #pick(x, y) {
    let picked = null;
    let nearest = PICK_WITHIN;
    for (const marker of this.#markers.values()) {
      const place = this.#placeOf(marker, performance.now());
      const away = Math.hypot(place.x - x, place.y - y);
      if (away < nearest) {
        nearest = away;
        picked = marker.member.id;
      }
    }
    this.#onPick(picked);
  }

  /**
   * Where a marker is drawn, in pixels.
   *
   * @param {Marker} marker
   * @param {number} now
   */
  #placeOf(marker, now) {
    const { x, y } = this.#camera.toPixels(marker.glide.at(now));
    return { x: x + marker.shift.x, y: y + marker.shift.y };
  }

  /** @param {number} now */
  #draw(now) {
    this.#frame = 0;
    if (this.#width === 0 || this.#height === 0) {
      return; // not on the screen
    }
    const elapsed = Math.min(100, now - this.#drawnAt);
    this.#drawnAt = now;
    // Always in the same order: it decides who makes room for whom.
    const markers = [...this.#markers.values()].sort((a, b) => (a.member.id < b.member.id ? -1 : 1));
    this.#moveCamera(markers, now, elapsed);
    const shiftsSettled = this.#makeRoom(markers, now, elapsed);

    const ratio = Math.min(3, window.devicePixelRatio || 1);
    const pixelWidth = Math.round(this.#width * ratio);
    const pixelHeight = Math.round(this.#height * ratio);
    if (this.#canvas.width !== pixelWidth || this.#canvas.height !== pixelHeight) {
      this.#canvas.width = pixelWidth;
      this.#canvas.height = pixelHeight;
    }
    const context = this.#context;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, this.#width, this.#height);
    this.#drawGrid();
    markers.forEach((marker) => this.#drawAccuracy(marker, now));
    markers.forEach((marker) => this.#drawTrail(marker, now));
    markers.forEach((marker) => this.#drawLeader(marker, now));
    // From north to south, so that names lie above the faces behind them.
    const byLatitude = markers.map((marker) => ({ marker, place: this.#placeOf(marker, now) }));
    byLatitude.sort((a, b) => a.place.y - b.place.y);
    byLatitude.forEach(({ marker, place }) => this.#drawFace(marker, place));
    byLatitude.forEach(({ marker, place }) => this.#drawName(marker, place));
    context.globalAlpha = 1;

    if (!shiftsSettled || !this.#camera.settled || markers.some((marker) => marker.glide.moving)) {
      this.redraw();
    }
  }

  /**
   * @param {Marker[]} markers
   * @param {number} now
   * @param {number} elapsed
   */
  #moveCamera(markers, now, elapsed) {
    const followed = this.#following === null ? undefined : this.#markers.get(this.#following);
    if (followed) {
      this.#camera.follow(followed.glide.at(now));
    } else {
      this.#camera.fit(
        markers.map((marker) => marker.glide.destination),
        this.#refit,
      );
    }
    this.#refit = false;
    if (this.#lessMotion.matches) {
      this.#camera.jump();
    } else {
      this.#camera.step(elapsed);
    }
  }

  /**
   * @param {Marker[]} markers
   * @param {number} now
   * @param {number} elapsed
   * @returns {boolean} whether everybody has the room they need
   */
  #makeRoom(markers, now, elapsed) {
    const places = markers.map((marker) => this.#camera.toPixels(marker.glide.at(now)));
    const share = this.#lessMotion.matches ? 1 : 1 - Math.exp(-elapsed / SHIFT_EASE_MS);
    let settled = true;
    spread(places, APART).forEach((wanted, index) => {
      const { shift } = markers[index];
      shift.x += (wanted.x - shift.x) * share;
      shift.y += (wanted.y - shift.y) * share;
      settled &&= Math.hypot(wanted.x - shift.x, wanted.y - shift.y) < 0.3;
    });
    return settled;
  }

  #drawGrid() {
    const { y, scale } = this.#camera.view;
    // On this map the length of a metre changes on the way north or south. Lines that followed every such change would
    // crawl with each step, so they take it over in parts of some 80 km.
    const metres = metresPerUnit(Math.round(y * 512) / 512);
    const step = roundStep((GRID_PX * metres) / scale);
    const unit = step / metres;
    this.#drawLines(unit / 5, this.#colour('--map-grid'));
    this.#drawLines(unit, this.#colour('--map-grid-strong'));
    if (this.#camera.placed) {
      this.#drawScale(unit * scale, distance(step));
    }
  }

  /**
   * @param {number} unit between two lines, in world units
   * @param {string} colour
   */
  #drawLines(unit, colour) {
    const { x, y, scale } = this.#camera.view;
    const context = this.#context;
    context.strokeStyle = colour;
    context.lineWidth = 1;
    context.beginPath();
    const halfWidth = this.#width / 2 / scale;
    for (let k = Math.ceil((x - halfWidth) / unit); k * unit <= x + halfWidth; k++) {
      const px = (k * unit - x) * scale + this.#width / 2;
      context.moveTo(px, 0);
      context.lineTo(px, this.#height);
    }
    const halfHeight = this.#height / 2 / scale;
    for (let k = Math.ceil((y - halfHeight) / unit); k * unit <= y + halfHeight; k++) {
      const py = (k * unit - y) * scale + this.#height / 2;
      context.moveTo(0, py);
      context.lineTo(this.#width, py);
    }
    context.stroke();
  }

  /**
   * @param {number} length in pixels
   * @param {string} label
   */
  #drawScale(length, label) {
    const context = this.#context;
    const left = 16;
    const bottom = this.#height - 16;
    context.strokeStyle = this.#colour('--ink-soft');
    context.lineWidth = 1.5;
    context.beginPath();
    context.moveTo(left, bottom - 6);
    context.lineTo(left, bottom);
    context.lineTo(left + length, bottom);
    context.lineTo(left + length, bottom - 6);
    context.stroke();
    this.#drawText(label, left + length / 2, bottom - 7, `500 12px ${this.#font}`, this.#colour('--ink-soft'));
  }

  /**
   * @param {Marker} marker
   * @param {number} now
   */
  #drawAccuracy({ member, position, glide }, now) {
    const { scale, y } = this.#camera.view;
    const radius = ((position.accuracy ?? 0) * scale) / metresPerUnit(y);
    if (radius <= RADIUS + 8) {
      return; // hidden by the face
    }
    const place = this.#camera.toPixels(glide.at(now));
    const context = this.#context;
    context.beginPath();
    context.arc(place.x, place.y, radius, 0, 2 * Math.PI);
    context.fillStyle = context.strokeStyle = this.#memberColour(member);
    context.globalAlpha = 0.09;
    context.fill();
    context.globalAlpha = 0.25;
    context.lineWidth = 1;
    context.stroke();
    context.globalAlpha = 1;
  }

  /**
   * @param {Marker} marker
   * @param {number} now
   */
  #drawTrail({ member, glide }, now) {
    const context = this.#context;
    const points = [...glide.trail, { point: glide.at(now), at: now }];
    context.strokeStyle = this.#memberColour(member);
    context.lineJoin = 'round';
    context.beginPath();
    // In a few steps instead of point by point: every end of a see-through line shows.
    let drawn = 0;
    for (let i = 1; i < points.length; i++) {
      const freshness = Math.ceil((1 - (now - points[i].at) / TRAIL_MS) * TRAIL_STEPS) / TRAIL_STEPS;
      if (freshness <= 0) {
        continue;
      }
      if (freshness !== drawn) {
        context.stroke();
        context.globalAlpha = 0.6 * freshness ** 1.5;
        context.lineWidth = 1.5 + 3 * freshness;
        context.beginPath();
        const from = this.#camera.toPixels(points[i - 1].point);
        context.moveTo(from.x, from.y);
        drawn = freshness;
      }
      const to = this.#camera.toPixels(points[i].point);
      context.lineTo(to.x, to.y);
    }
    context.stroke();
    context.globalAlpha = 1;
  }

  /**
   * From a face that made room to the place where its member is.
   *
   * @param {Marker} marker
   * @param {number} now
   */
  #drawLeader({ member, glide, shift }, now) {
    if (Math.hypot(shift.x, shift.y) < 5) {
      return;
    }
    const { x, y } = this.#camera.toPixels(glide.at(now));
    const context = this.#context;
    context.strokeStyle = context.fillStyle = this.#memberColour(member);
    context.lineWidth = 1.5;
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(x + shift.x, y + shift.y);
    context.stroke();
    context.beginPath();
    context.arc(x, y, 3.5, 0, 2 * Math.PI);
    context.fill();
  }

  /**
   * @param {Marker} marker
   * @param {Point} place
   */
  #drawFace({ member, position }, { x, y }) {
    const context = this.#context;
    const colour = this.#memberColour(member);
    const fresh = isFresh(position);
    const moving = fresh && position.bearing !== undefined && (position.speed ?? 0) > MOVING_MPS;
    const bearing = moving ? radians(position.bearing ?? 0) : null;

    if (this.#following === member.id) {
      context.globalAlpha = 0.25;
      context.fillStyle = colour;
      context.beginPath();
      context.arc(x, y, RADIUS + 9, 0, 2 * Math.PI);
      context.fill();
      context.globalAlpha = 1;
    }
    context.fillStyle = this.#colour('--map-ground');
    context.shadowColor = this.#colour('--map-shadow');
    context.shadowBlur = 8;
    context.shadowOffsetY = 2;
    this.#traceFace(x, y, RADIUS + 2.5, bearing);
    context.fill();
    context.shadowColor = 'transparent';

    if (fresh) {
      context.fillStyle = colour;
      this.#traceFace(x, y, RADIUS, bearing);
      context.fill();
    } else {
      // Hollow: where somebody was, not where they are.
      context.strokeStyle = colour;
      context.lineWidth = 2.5;
      this.#traceFace(x, y, RADIUS - 1, null);
      context.stroke();
    }
    context.fillStyle = fresh ? this.#colour('--on-member') : colour;
    context.font = `600 14px ${this.#font}`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.fillText(this.#labels.get(member.id)?.face ?? '', x, y + 0.5);
  }

  /**
   * A disc, drawn out to a point in the direction of travel.
   *
   * @param {number} x
   * @param {number} y
   * @param {number} radius
   * @param {number | null} bearing radians from north; null when there is none to show
   */
  #traceFace(x, y, radius, bearing) {
    const context = this.#context;
    context.beginPath();
    if (bearing === null) {
      context.arc(x, y, radius, 0, 2 * Math.PI);
      return;
    }
    const ahead = bearing - Math.PI / 2; // a canvas counts from east
    const tip = radius + POINT;
    context.arc(x, y, radius, ahead + POINT_WIDTH, ahead - POINT_WIDTH + 2 * Math.PI);
    context.lineTo(x + Math.cos(ahead) * tip, y + Math.sin(ahead) * tip);
    context.closePath();
  }

  /**
   * @param {Marker} marker
   * @param {Point} place
   */
  #drawName({ member }, { x, y }) {
    const name = this.#labels.get(member.id)?.name ?? '';
    this.#drawText(name, x, y + RADIUS + 20, `600 13px ${this.#font}`, this.#colour('--ink'));
  }

  /**
   * Text with a rim in the ground's colour, readable on any line.
   *
   * @param {string} text
   * @param {number} x
   * @param {number} y
   * @param {string} font
   * @param {string} colour
   */
  #drawText(text, x, y, font, colour) {
    const context = this.#context;
    context.font = font;
    context.textAlign = 'center';
    context.textBaseline = 'alphabetic';
    context.lineJoin = 'round';
    context.lineWidth = 4;
    context.strokeStyle = this.#colour('--map-ground');
    context.strokeText(text, x, y);
    context.fillStyle = colour;
    context.fillText(text, x, y);
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

  /** @param {Member} member */
  #memberColour(member) {
    return this.#colour(`--member-${member.colour}`);
  }
}
