import ol from '../lib/ol.js';
import { PmTiles } from './pmtiles.js';

/** @typedef {import('draugar').StreetMap} StreetMap */

/** Farther out there are no streets to see, so nobody else needs to be asked. */
export const STREETS_FROM_ZOOM = 7;
/** The last zoom of most maps; a TileJSON and an archive say their own. */
const LAST_VECTOR_ZOOM = 14;
const LAST_RASTER_ZOOM = 19;

/** Reads vector tiles, with the dry land below what they have: where a tile came, the coarser map is hidden. */
class StreetTiles extends ol.format.MVT {
  /**
   * @override
   * @param {any} source
   * @param {import('ol/format/Feature.js').ReadOptions} [options]
   * @returns {any[]}
   */
  readFeatures(source, options) {
    const features = super.readFeatures(source, options);
    const [left, bottom, right, top] = options?.extent ?? [0, 0, 0, 0];
    const corners = [left, bottom, left, top, right, top, right, bottom, left, bottom];
    const geometry = new ol.geom.Polygon(corners, 'XY', [corners.length]);
    return features.length > 0 ? [new ol.Feature({ geometry, layer: 'ground' }), ...features] : [];
  }
}

/**
 * A layer with streets. What does not come leaves what lies below to be seen.
 *
 * @param {StreetMap} map
 * @returns {Promise<ol.layer.Tile | ol.layer.VectorTile>} refused when there is no such map
 */
export async function streetLayer(map) {
  if (map.kind === 'raster') {
    return pictureLayer(new ol.source.XYZ({ url: map.url, maxZoom: LAST_RASTER_ZOOM }));
  }
  if (map.kind === 'vector') {
    return vectorLayer(await tileSource(map.url));
  }
  const archive = new PmTiles(map.url);
  const { lastZoom, pictures } = await archive.contents();
  return pictures ? pictureLayer(pictureSource(archive, lastZoom)) : vectorLayer(archiveSource(archive, lastZoom));
}

/** @param {ol.source.Tile} source */
const pictureLayer = (source) =>
  new ol.layer.Tile({ source, minZoom: STREETS_FROM_ZOOM, className: 'street-pictures' });

/** @param {ol.source.VectorTile} source */
const vectorLayer = (source) => new ol.layer.VectorTile({ source, declutter: true, minZoom: STREETS_FROM_ZOOM });

/** @param {string} url of the tiles, or of the TileJSON that says where they are */
async function tileSource(url) {
  let lastZoom = LAST_VECTOR_ZOOM;
  if (!url.includes('{z}')) {
    const answer = await fetch(url, { credentials: 'omit' });
    const { tiles, maxzoom } = await answer.json();
    [url, lastZoom] = [tiles[0], maxzoom ?? lastZoom];
  }
  return new ol.source.VectorTile({ format: new StreetTiles(), tileGrid: gridTo(lastZoom), url });
}

/**
 * @param {PmTiles} archive
 * @param {number} lastZoom
 */
function archiveSource(archive, lastZoom) {
  const format = new StreetTiles();
  return new ol.source.VectorTile({
    format,
    tileGrid: gridTo(lastZoom),
    tileUrlFunction: (coordinate) => coordinate.join('/'),
    tileLoadFunction: (loaded) => {
      const tile = /** @type {import('ol/VectorTile.js').default<any>} */ (loaded);
      tile.setLoader(async (extent, _resolution, featureProjection) => {
        const [z, x, y] = tile.getTileCoord();
        try {
          tile.setFeatures(format.readFeatures(await archive.tile(z, x, y), { extent, featureProjection }));
        } catch {
          tile.onError();
        }
      });
    },
  });
}

/**
 * @param {PmTiles} archive
 * @param {number} maxZoom
 */
function pictureSource(archive, maxZoom) {
  // Decoded here and not by an image's address, which the page's own policy would have to allow.
  return new ol.source.DataTile({
    maxZoom,
    loader: async (z, x, y) => createImageBitmap(new Blob([await archive.tile(z, x, y)])),
  });
}

/** @param {number} maxZoom */
const gridTo = (maxZoom) => ol.tilegrid.createXYZ({ maxZoom, tileSize: 512 });
