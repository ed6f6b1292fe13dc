import ol from '../lib/ol.js';
import { drawGrid, ScaleBar } from './map-scale.js';
import { groundStyle, THEMES } from './map-styles.js';

/**
 * @typedef {object} Look
 * @property {string} language of the names on the map, such as "is" (BCP 47)
 * @property {boolean} dark
 */

/** The last zoom there are tiles for; closer in they are drawn larger. */
const LAST_TILES = 5;
/** Nobody needs to see a paving stone. */
const CLOSEST = 19;

/**
 * The map that the family is drawn on. It knows nothing of the family: whoever shows members adds layers to `map`.
 *
 * Its ground comes in tiles from this server, so it is never blank and nobody else learns where the family looks.
 * Everything is drawn on a plain canvas.
 */
export class Basemap {
  /** @type {ol.Map} */
  map;
  #ground;
  #scale = new ScaleBar();
  /** @type {Look} */
  #look;

  /**
   * @param {HTMLElement} target the map fills it, and follows its size
   * @param {Look} look
   */
  constructor(target, look) {
    this.#look = look;
    this.#ground = new ol.layer.VectorTile({
      source: new ol.source.VectorTile({
        format: new ol.format.MVT(),
        tileGrid: ol.tilegrid.createXYZ({ maxZoom: LAST_TILES, tileSize: 512 }),
        url: `${new URL('../map/', import.meta.url)}{z}/{x}/{y}.mvt`,
      }),
      declutter: true,
    });
    this.#ground.on('postrender', (event) => drawGrid(/** @type {any} */ (event), THEMES[this.#theme].grid));
    this.map = new ol.Map({
      target,
      layers: [this.#ground],
      controls: [this.#scale],
      // A map of one's family is read with north up; two fingers that turn it by accident only confuse.
      interactions: ol.interaction.defaults.defaults({ altShiftDragRotate: false, pinchRotate: false }),
      view: new ol.View({ center: [0, 0], zoom: 2, minZoom: 1, maxZoom: CLOSEST, enableRotation: false }),
    });
    this.restyle(look);
  }

  /** @param {Partial<Look>} look what is different from now on */
  restyle(look) {
    this.#look = { ...this.#look, ...look };
    this.#ground.setBackground(THEMES[this.#theme].water);
    this.#ground.setStyle(groundStyle(THEMES[this.#theme], this.#look.language));
    this.#scale.language = this.#look.language;
  }

  /** Whom the map is owed to, as text that has to stand on it. */
  get attribution() {
    return 'Natural Earth';
  }

  get #theme() {
    return this.#look.dark ? 'dark' : 'light';
  }
}
