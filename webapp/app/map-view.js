import ol from '../lib/ol.js';
import { Basemap } from './basemap.js';
import { byId, setText } from './dom.js';
import { alarmOf, stateOf } from './family.js';
import { faceOf, listed, shorten } from './format.js';
import { metresPerUnit, radians, toPoint } from './geo.js';
import { Glide } from './glide.js';
import { language, t } from './language.js';
import { Painter } from './painter.js';
import { spread } from './spread.js';

/**
 * @typedef {import('./contract.js').Position} Position
 * @typedef {import('./family.js').Member} Member
 * @typedef {import('./family.js').State} State
 * @typedef {import('./geo.js').Point} Point
 * @typedef {import('./glide.js').Moment} Moment
 * @typedef {import('./journey.js').Journey} Journey
 *
 * @typedef {object} Marker
 * @property {Member} member
 * @property {Position} position
 * @property {Glide} glide
 * @property {Point} shift how far it is drawn from its place, in pixels, to leave room for others
 *
 * @typedef {object} Track a day of a member's
 * @property {Member} member
 * @property {Journey} journey
 * @property {Point[]} line
 * @property {Point} here where they are in the replay
 * @property {number} passed how many points of the line lie behind them
 */

const APART_PX = 46;
const PICK_WITHIN_PX = 28;
const LABEL_CHARACTERS = 14;
/** A jump this long is no movement anybody wants to watch. */
const LONGEST_GLIDE_M = 20_000;
const SHIFT_EASE_MS = 160;
const EASE_MS = 600;
/** The map follows somebody as fast as their reports come. */
const FOLLOW_MS = 1_000;
/** Room for markers, names and what lies over the map, in pixels: top, right, bottom, left. */
const PADDING = [72, 56, 64, 56];
/** Even somebody alone is shown with the streets around them. */
const CLOSEST_ZOOM = 16.5;
/** When everybody has come this many zoom levels closer together, it is worth moving in. */
const CLOSER_ZOOM = 1.2;
/** What a person moves the map with: from then on it stays where they put it. */
const MOVING_KEYS = ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', '+', '-'];

/** The members on the map, or one member's day. Drawn while somebody moves, the map below only while it moves. */
export class MapView {
  #target;
  #onPick;
  #onMode;
  #painter = new Painter();
  #basemap;
  #map;
  /** @type {Map<string, Marker>} */
  #markers = new Map();
  /** @type {Map<string, {face: string, name: string}>} */
  #labels = new Map();
  /** Whom the map keeps in view: everybody, the member with this id, or nobody, where somebody moved it. */
  #following = /** @type {string | null} */ ('');
  #described = false;
  #placed = false;
  /** Whether somebody came who is not in view while the map moved. */
  #late = false;
  /** @type {Track | null} */
  #track = null;
  #drawnAt = 0;
  /** The frame that OpenLayers drew last: as long as the map rests, members move over it. */
  #frame = /** @type {any} */ (null);
  /** The animation frame that was asked for, or 0. */
  #asked = 0;
  #lessMotion = window.matchMedia('(prefers-reduced-motion: reduce)');
  #dark = window.matchMedia('(prefers-color-scheme: dark)');

  /**
   * @param {HTMLElement} target
   * @param {(id: string | null) => void} onPick the member somebody pointed at, or null for none
   * @param {(following: string | null) => void} onMode as in `follow`; null when somebody moved the map
   */
  constructor(target, onPick, onMode) {
    this.#target = target;
    this.#onPick = onPick;
    this.#onMode = onMode;
    const layer = new ol.layer.Layer({
      className: 'members-layer',
      render: (frame) => {
        this.#frame = frame;
        this.#draw();
        return this.#painter.canvas;
      },
      zIndex: 10,
    });
    this.#basemap = new Basemap(target, { language, dark: this.#dark.matches });
    this.#map = this.#basemap.map;
    setText(byId('map-credit'), this.#basemap.attribution);
    this.#map.addLayer(layer);
    this.#dark.addEventListener('change', () => {
      this.#painter.forgetColours();
      this.#basemap.restyle({ dark: this.#dark.matches });
      this.redraw();
    });
    this.#watchPointer();
  }

  #watchPointer() {
    this.#map.on('change:size', () => this.#keepInView(true));
    this.#map.on('singleclick', ({ pixel }) => this.#pick(pixel[0], pixel[1]));
    this.#map.on('pointermove', ({ pixel, dragging }) => {
      if (!dragging) {
        this.#target.classList.toggle('pointing', this.#markerAt(pixel[0], pixel[1]) !== null);
      }
    });
    const freed = () => this.#free();
    this.#map.on('pointerdrag', freed);
    this.#target.addEventListener('wheel', freed, { passive: true });
    this.#target.addEventListener('dblclick', freed);
    this.#target.addEventListener('keydown', ({ key }) => MOVING_KEYS.includes(key) && freed());
  }

  /** Shows the ground, also where nobody is on it. */
  begin() {
    this.#basemap.begin();
  }

  /** @param {import('draugar').StreetMap | null} map */
  showStreets(map) {
    this.#basemap.showStreets(map);
    setText(byId('map-credit'), this.#basemap.attribution);
  }

  /** @param {number} levels nearer, or farther where it is negative */
  zoom(levels) {
    const view = this.#map.getView();
    if (this.#following === '') {
      this.#free();
    }
    view.cancelAnimations();
    view.animate({ zoom: (view.getZoom() ?? 0) + levels, duration: this.#lessMotion.matches ? 0 : 200 });
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
    this.#described = false;
    this.redraw();
  }

  /** @param {Member} member */
  update(member) {
    const marker = this.#markers.get(member.id);
    // Whoever pauses is not on the map: neither is their way to where they paused.
    if (!member.position || (member.paused && !alarmOf(member))) {
      this.#described &&= !this.#markers.delete(member.id);
    } else if (!marker) {
      const glide = new Glide(momentOf(member.position), performance.now());
      this.#markers.set(member.id, { member, position: member.position, glide, shift: { x: 0, y: 0 } });
      this.#described = false;
      this.#keepInView(false);
    } else {
      marker.member = member;
      if (marker.position !== member.position) {
        marker.position = member.position;
        this.#move(marker);
        this.#keepInView(false);
      }
    }
    this.redraw();
  }

  /**
   * Adds what a member's trail lacks.
   *
   * @param {string} id
   * @param {Position[]} positions oldest first
   */
  recall(id, positions) {
    this.#markers.get(id)?.glide.recall(positions.map(momentOf));
    this.redraw();
  }

  /** @param {string} id whom to keep in the middle, or '' for everybody in view */
  follow(id) {
    this.#following = id;
    this.#keepInView(true);
    this.redraw();
  }

  /**
   * Shows a day instead of the family, or the family again.
   *
   * @param {{member: Member, journey: Journey} | null} day
   */
  showDay(day) {
    if (day && day.journey.positions.length > 0) {
      const line = day.journey.positions.map(toPoint);
      this.#track = { ...day, line, here: line[0], passed: 0 };
      this.#fit(line, true);
    } else {
      this.#track = null;
      this.#keepInView(true);
    }
    this.redraw();
  }

  /**
   * Moves the replay on.
   *
   * @param {Point} here
   * @param {number} passed how many positions lie behind
   */
  replay(here, passed) {
    if (this.#track) {
      this.#track.here = here;
      this.#track.passed = passed;
      this.redraw();
    }
  }

  /**
   * Brings a place of the day that is shown into the middle.
   *
   * @param {Point} point
   */
  lookAt({ x, y }) {
    const view = this.#map.getView();
    const zoom = Math.max(view.getZoom() ?? 0, CLOSEST_ZOOM - 1);
    view.cancelAnimations();
    view.animate({ center: [x, y], zoom, duration: this.#lessMotion.matches ? 0 : EASE_MS });
  }

  redraw() {
    this.#asked ||= requestAnimationFrame(() => {
      this.#asked = 0;
      // A map that moves draws the members with it.
      if (this.#frame && !this.#map.getView().getAnimating()) {
        this.#draw();
      }
    });
  }

  #free() {
    if (this.#following !== null && !this.#track) {
      this.#following = null;
      this.#onMode(null);
    }
  }

  /** @param {Marker} marker */
  #move(marker) {
    const moment = momentOf(marker.position);
    const from = marker.glide.destination;
    const way = Math.hypot(moment.point.x - from.x, moment.point.y - from.y) * metresPerUnit(moment.point.y);
    if (this.#lessMotion.matches || way > LONGEST_GLIDE_M) {
      marker.glide.jumpTo(moment);
    } else {
      marker.glide.moveTo(moment, performance.now());
    }
  }

  /** Who is on the map, for the names on it and for those who cannot see it: they have the list for everything else. */
  #describe() {
    this.#described = true;
    const members = [...this.#markers.values()].map((marker) => marker.member);
    const names = members.map((member) => member.name);
    const firstNames = names.map((name) => name.split(/\s+/)[0]);
    this.#labels.clear();
    members.forEach((member, index) => {
      const first = firstNames[index];
      const alone = firstNames.indexOf(first) === firstNames.lastIndexOf(first);
      const name = member.isMe ? t('map.me') : shorten(alone ? first : member.name, LABEL_CHARACTERS);
      this.#labels.set(member.id, { face: faceOf(member), name });
    });
    const words = names.length > 0 ? t('map.with', { names: listed(names) }) : t('map.empty');
    this.#target.setAttribute('aria-label', words);
  }

  /** @param {boolean} now whether to arrange the map anew even where nothing asks for it */
  #keepInView(now) {
    const size = this.#map.getSize();
    if (this.#track || this.#following === null || !size || size[0] * size[1] === 0) {
      return;
    }
    const followed = this.#markers.get(this.#following);
    if (!followed) {
      const points = [...this.#markers.values()].map((marker) => marker.glide.destination);
      this.#fit(points, now);
      return;
    }
    const view = this.#map.getView();
    const { x, y } = followed.glide.destination;
    const zoom = Math.max(view.getZoom() ?? 0, now ? CLOSEST_ZOOM - 1 : 0);
    view.cancelAnimations();
    if (this.#lessMotion.matches) {
      view.setCenter([x, y]);
      view.setZoom(zoom);
    } else {
      const pace = now
        ? { duration: EASE_MS, easing: ol.easing.easeOut }
        : { duration: FOLLOW_MS, easing: ol.easing.linear };
      view.animate({ center: [x, y], zoom, ...pace });
    }
  }

  /**
   * Brings all the points into view.
   *
   * @param {Point[]} points
   * @param {boolean} now even if they are in view already
   */
  #fit(points, now) {
    if (points.length === 0) {
      return;
    }
    const view = this.#map.getView();
    const extent = ol.extent.boundingExtent(points.map(({ x, y }) => [x, y]));
    const [width, height] = this.#map.getSize() ?? [1, 1];
    const [top, right, bottom, left] = PADDING;
    const resolution = Math.max(
      ol.extent.getWidth(extent) / Math.max(1, width - left - right),
      ol.extent.getHeight(extent) / Math.max(1, height - top - bottom),
    );
    const best = Math.min(CLOSEST_ZOOM, view.getZoomForResolution(resolution) ?? CLOSEST_ZOOM);
    const shown = this.#placed ? view.calculateExtent([width - 40, height - 80]) : null;
    const held = shown && ol.extent.containsExtent(shown, extent) && best < (view.getZoom() ?? 0) + CLOSER_ZOOM;
    if (!now && (held || view.getAnimating())) {
      this.#late ||= !held;
      return;
    }
    this.#late = false;
    view.cancelAnimations();
    // A little less than the closest, so that a walk to the corner does not move the map.
    const [x, y] = ol.extent.getCenter(extent);
    const zoom = Math.max(2, best - 0.3);
    const unit = view.getResolutionForZoom(zoom);
    const center = [x + ((right - left) / 2) * unit, y + ((top - bottom) / 2) * unit];
    if (this.#lessMotion.matches || !this.#placed) {
      view.setCenter(center);
      view.setZoom(zoom);
    } else {
      view.animate({ center, zoom, duration: EASE_MS }, (finished) => {
        if (finished && this.#late) {
          this.#late = false;
          this.#keepInView(false);
        }
      });
    }
    this.#placed = true;
    this.begin();
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  #pick(x, y) {
    if (!this.#track) {
      this.#onPick(this.#markerAt(x, y));
    }
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  #markerAt(x, y) {
    let found = null;
    let nearest = PICK_WITHIN_PX;
    for (const { member, glide, shift } of this.#track ? [] : this.#markers.values()) {
      const point = glide.at(performance.now());
      const pixel = this.#map.getPixelFromCoordinate([point.x, point.y]);
      const away = pixel ? Math.hypot(pixel[0] + shift.x - x, pixel[1] + shift.y - y) : Infinity;
      if (away < nearest) {
        nearest = away;
        found = member.id;
      }
    }
    return found;
  }

  #draw() {
    const now = performance.now();
    const elapsed = Math.min(100, now - this.#drawnAt);
    this.#drawnAt = now;
    const painter = this.#painter;
    painter.begin(this.#frame);
    if (this.#track) {
      const { member, journey, line, here, passed } = this.#track;
      painter.drawLine(line, passed, member.colour);
      journey.stops.forEach((stop) => painter.drawStop(toPoint(stop), stop.number, member.colour));
      painter.drawFace(painter.toPixels(here), { face: faceOf(member), colour: member.colour, state: 'live' });
      return;
    }
    if (!this.#described) {
      this.#describe();
    }
    // Always in the same order: it decides who makes room for whom.
    const markers = [...this.#markers.values()].sort((a, b) => (a.member.id < b.member.id ? -1 : 1));
    const places = markers.map((marker) => painter.toPixels(marker.glide.at(now)));
    const settled = this.#makeRoom(markers, places, elapsed);
    markers.forEach(({ member, position }, index) =>
      painter.drawAccuracy(places[index], position.accuracy ?? 0, member.colour),
    );
    markers.forEach(({ member, glide }) => painter.drawTrail(glide, now, member.colour));
    const shifted = markers.map(({ member, position, shift }, index) => {
      const place = { x: places[index].x + shift.x, y: places[index].y + shift.y };
      painter.drawLeader(places[index], place, member.colour);
      return { member, position, place };
    });
    // From north to south, so that names lie above the faces behind them.
    shifted.sort((a, b) => a.place.y - b.place.y);
    shifted.forEach(({ member, position, place }) => {
      painter.drawFace(place, {
        face: this.#labels.get(member.id)?.face ?? '',
        colour: member.colour,
        state: stateOf(member),
        followed: this.#following === member.id,
        heading: headingOf(member, position),
      });
    });
    shifted.forEach(({ member, place }) => painter.drawName(this.#labels.get(member.id)?.name ?? '', place));

    if (!settled || markers.some((marker) => marker.glide.moving)) {
      this.redraw();
    }
  }

  /**
   * @param {Marker[]} markers
   * @param {Point[]} places in pixels
   * @param {number} elapsed
   * @returns {boolean} whether everybody has the room they need
   */
  #makeRoom(markers, places, elapsed) {
    const share = this.#lessMotion.matches ? 1 : 1 - Math.exp(-elapsed / SHIFT_EASE_MS);
    let settled = true;
    spread(places, APART_PX).forEach((wanted, index) => {
      const { shift } = markers[index];
      shift.x += (wanted.x - shift.x) * share;
      shift.y += (wanted.y - shift.y) * share;
      settled &&= Math.hypot(wanted.x - shift.x, wanted.y - shift.y) < 0.3;
    });
    return settled;
  }
}

/** Whoever moves slower, in metres a second, has no direction worth showing. */
const MOVING_MPS = 0.7;

/**
 * @param {Member} member
 * @param {Position} position
 */
function headingOf(member, { bearing, speed }) {
  const moves = stateOf(member) === 'live' && bearing !== undefined && (speed ?? 0) > MOVING_MPS;
  return moves ? radians(bearing) : null;
}

/**
 * @param {Position} position
 * @returns {Moment}
 */
const momentOf = (position) => ({ point: toPoint(position), at: Date.parse(position.timestamp) });
