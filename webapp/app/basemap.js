import ol from '../lib/ol.js';
import { drawGrid, ScaleBar } from './map-scale.js';
import { groundStyle, THEMES } from './map-styles.js';
import { STREETS_FROM_ZOOM, streetLayer } from './street-map.js';
import { streetStyle } from './street-style.js';

/** @typedef {import('draugar').StreetMap} StreetMap */
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
 * Its ground comes in tiles from this server, so it is never blank and nobody else learns where the family looks,
 * unless the server's owner has set a map of streets that lies elsewhere. Everything is drawn on a plain canvas.
 */
export class Basemap {
  /** @type {ol.Map} */
  map;
  #ground;
  /** @type {ol.layer.Tile | ol.layer.VectorTile | null} */
  #streets = null;
  /** @type {StreetMap | null} the map of streets that was asked for last */
  #wanted = null;
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
        url: `${new URL('map/', document.baseURI)}{z}/{x}/{y}.mvt`,
      }),
      declutter: true,
      visible: false,
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

  /** Fetches the ground: not before it is known where the view is, as the whole world is 25 KB that few look at. */
  begin() {
    this.#ground.setVisible(true);
  }

  /** @param {Partial<Look>} look what is different from now on */
  restyle(look) {
    this.#look = { ...this.#look, ...look };
    this.#ground.setBackground(THEMES[this.#theme].water);
    const { language } = this.#look;
    const namesTo = this.#streets ? STREETS_FROM_ZOOM : Infinity;
    this.#ground.setStyle(groundStyle(THEMES[this.#theme], language, namesTo));
    if (this.#streets instanceof ol.layer.VectorTile) {
      this.#streets.setStyle(streetStyle(THEMES[this.#theme], language));
    }
  }

  /** @param {StreetMap | null} map */
  showStreets(map) {
    this.#wanted = map;
    this.#replaceStreets(null);
    if (map) {
      streetLayer(map).then(
        (layer) => this.#wanted === map && this.#replaceStreets(layer),
        (problem) => console.warn(`There is no street map: ${problem.message}`),
      );
    }
  }

  /** @param {ol.layer.Tile | ol.layer.VectorTile | null} layer */
  #replaceStreets(layer) {
    if (this.#streets) {
      this.map.removeLayer(this.#streets);
    }
    this.#streets = layer;
    if (layer) {
      this.map.getLayers().insertAt(1, layer);
    }
    this.restyle({});
  }

  /** Whom the map is owed to, as text that has to stand on it. */
  get attribution() {
    return ['Natural Earth', this.#wanted?.attribution].filter(Boolean).join(' · ');
  }

  get #theme() {
    return this.#look.dark ? 'dark' : 'light';
  }
}
