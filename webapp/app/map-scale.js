import ol from '../lib/ol.js';
import { setText } from './dom.js';
import { LENGTHS, length } from './format.js';

/** The grid's lines and the scale bar's ends are at least this many pixels apart. */
const STEP_PX = 84;
/** Farther out the map itself gives orientation, and a grid of squares would lie about distances. */
const GRID_FROM_ZOOM = 9;
/** On this map the length of a metre changes on the way north. Grids keep one length for parts of this height. */
const PART = 80_000;

/** @param {number} least @returns {number} the next of 1, 2, 5, 10, 20, 50, … */
function roundStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5].find((step) => step * power >= least) ?? 10);
}

/**
 * A step that is round in the units of the reader, for where the map is looking.
 *
 * @param {number[]} centre
 * @param {number} resolution map units a pixel
 * @returns {{words: string, units: number}}
 */
function stepAt(centre, resolution) {
  const metresPerUnit = ol.proj.getPointResolution('EPSG:3857', 1, [0, Math.round(centre[1] / PART) * PART]);
  const least = STEP_PX * resolution * metresPerUnit;
  const [small, large] = LENGTHS;
  const { unit, metres } = least > large.metres / 2 ? large : small;
  const step = roundStep(least / metres);
  return { words: length(step, unit), units: (step * metres) / metresPerUnit };
}

/** @typedef {[number, number, number, number, number, number]} Matrix */

/**
 * Draws squares of a round size: where the data of the map ends, they still tell how far things are apart.
 *
 * @param {{context: CanvasRenderingContext2D, frameState: any, inversePixelTransform: Matrix}} event
 *     postrender of the layer they lie on
 * @param {{fine: string, strong: string}} colours
 */
export function drawGrid({ context, frameState, inversePixelTransform }, colours) {
  const { center, resolution, zoom } = frameState.viewState;
  if (zoom < GRID_FROM_ZOOM) {
    return;
  }
  const { units } = stepAt(center, resolution);
  context.save();
  context.setTransform(...inversePixelTransform);
  context.globalAlpha = Math.min(1, zoom - GRID_FROM_ZOOM);
  context.lineWidth = 1;
  drawLines(context, frameState, units / 5, colours.fine);
  drawLines(context, frameState, units, colours.strong);
  context.restore();
}

/**
 * @param {CanvasRenderingContext2D} context in CSS pixels
 * @param {{extent: number[], size: number[], viewState: {resolution: number}}} frameState
 * @param {number} step in map units
 * @param {string} colour
 */
function drawLines(context, { extent, size, viewState: { resolution } }, step, colour) {
  const [left, bottom, right, top] = extent;
  const [width, height] = size;
  context.beginPath();
  for (let x = Math.ceil(left / step) * step; x < right; x += step) {
    const px = (x - left) / resolution;
    context.moveTo(px, 0);
    context.lineTo(px, height);
  }
  for (let y = Math.ceil(bottom / step) * step; y < top; y += step) {
    const py = (top - y) / resolution;
    context.moveTo(0, py);
    context.lineTo(width, py);
  }
  context.strokeStyle = colour;
  context.stroke();
}

/** A line of a round length with its length above, in a corner that style sheets choose (`.map-scale`). */
export class ScaleBar extends ol.control.Control {
  #label = document.createElement('span');

  constructor() {
    super({ element: document.createElement('div') });
    this.element.className = 'map-scale';
    this.element.append(this.#label);
  }

  /** @override @param {ol.MapEvent} event */
  render({ frameState }) {
    if (!frameState) {
      return;
    }
    const { center, resolution } = frameState.viewState;
    const { words, units } = stepAt(center, resolution);
    this.element.style.width = `${Math.round(units / resolution)}px`;
    setText(this.#label, words);
  }
}
