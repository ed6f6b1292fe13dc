import ol from '../lib/ol.js';
import { FONT, zoomOf } from './map-styles.js';

const { Fill, Stroke, Style, Text } = ol.style;

/**
 * What is in the layers of the three schemas that vector maps of OpenStreetMap follow: OpenMapTiles 3 (its things have
 * a "class"), Protomaps 4 and Shortbread 1 (theirs have a "kind").
 *
 * @type {Record<string, 'ground' | 'water' | 'land' | 'building' | 'border' | 'road' | 'roadName' | 'place'>}
 */
const LAYERS = {
  ground: 'ground',
  earth: 'ground',
  water: 'water',
  waterway: 'water',
  ocean: 'water',
  water_polygons: 'water',
  water_lines: 'water',
  landcover: 'land',
  landuse: 'land',
  land: 'land',
  park: 'land',
  building: 'building',
  buildings: 'building',
  boundary: 'border',
  boundaries: 'border',
  transportation: 'road',
  roads: 'road',
  streets: 'road',
  transportation_name: 'roadName',
  street_labels: 'roadName',
  place: 'place',
  places: 'place',
  place_labels: 'place',
};

const words = (/** @type {string} */ text) => new Set(text.split(' '));

const GREEN = words(
  'wood forest grass park grassland meadow nature_reserve protected_area scrub heath cemetery golf_course pitch ' +
    'garden national_park village_green recreation_ground allotments playground orchard vineyard',
);
const BUILT = words('residential commercial industrial retail urban_area school hospital university');
const RAILS = words('rail transit light_rail tram subway');
const PATHS = words('path track footway cycleway steps pedestrian bridleway');

/** What each schema calls the roads of a rank, the greatest first. */
const RANKS = [
  words('motorway highway'),
  words('trunk primary major_road'),
  words('secondary tertiary medium_road'),
  words('minor minor_road unclassified residential living_street'),
  words('service other'),
];
/** Width of each rank at zoom 16, in pixels; half of it for each 1.6 zooms farther out. */
const WIDTH_AT_16 = [14, 12, 10, 8, 3];
const ROAD_FROM_ZOOM = [5, 7, 9, 11.5, 13.5];
const NAMES_FROM_ZOOM = [12, 13, 13.5, 14.5, 16];
const PATHS_FROM_ZOOM = 14;
const RAILS_FROM_ZOOM = 12;
const BUILDINGS_FROM_ZOOM = 14;

/**
 * Places: from which zoom to which they are named, and how large.
 *
 * @type {Record<string, [number, number, number]>}
 */
const PLACES = {
  city: [4, 15, 15],
  town: [8, 16, 13],
  village: [10.5, 17, 12],
  hamlet: [12.5, 18, 11],
  suburb: [11, 17, 12],
  quarter: [12.5, 18, 11],
  neighbourhood: [13, 18, 11],
  macrohood: [11, 17, 12],
  locality: [8, 17, 12],
};

/**
 * How a vector map of streets is drawn.
 *
 * @param {import('./map-styles.js').Theme} theme
 * @param {string} language of names, where the map has them in it
 * @returns {import('ol/style/Style.js').StyleFunction}
 */
export function streetStyle(theme, language) {
  /** @type {(color: string, zIndex: number) => ol.style.Style} */
  const fill = (color, zIndex) => new Style({ fill: new Fill({ color }), zIndex });
  /** @type {(color: string, width: number, zIndex: number, lineDash?: number[]) => ol.style.Style} */
  const line = (color, width, zIndex, lineDash) =>
    new Style({ stroke: new Stroke({ color, width, lineDash, lineCap: 'round', lineJoin: 'round' }), zIndex });

  const ground = fill(theme.land, 0);
  const built = fill(theme.built, 1);
  const green = fill(theme.green, 2);
  const water = fill(theme.water, 3);
  const stream = line(theme.water, 1.5, 3);
  const building = fill(theme.building, 4);
  const path = line(theme.path, 1.2, 6, [4, 3]);
  const rail = line(theme.rail, 1.2, 12, [6, 4]);
  const border = line(theme.border, 1.2, 13);
  const province = line(theme.province, 1, 13);
  const halo = new Stroke({ color: theme.halo, width: 3 });
  const ink = new Fill({ color: theme.city });
  const softInk = new Fill({ color: theme.country });

  /** @param {number} rank @param {number} zoom */
  const road = (rank, zoom) => {
    const width = Math.max(rank < 2 ? 1.4 : 0.8, WIDTH_AT_16[rank] * 2 ** ((Math.min(zoom, 18) - 16) / 1.6));
    const surface = line(rank < 2 ? theme.mainRoad : theme.road, width, 11 - rank);
    // Edges lie below all surfaces, so that crossings are open.
    return width < 2 ? [surface] : [line(theme.roadEdge, width + 1.5, 5), surface];
  };
  /**
   * Roads are many: their styles are made once for each rank and half a zoom.
   *
   * @type {Map<string, ol.style.Style[]>}
   */
  const roads = new Map();
  /** @param {number} rank @param {number} zoom */
  const roadOnce = (rank, zoom) => {
    const key = `${rank}/${Math.round(zoom * 2)}`;
    const styles = roads.get(key) ?? road(rank, zoom);
    roads.set(key, styles);
    return styles;
  };

  /** @param {string} text @param {number} rank */
  const roadName = (text, rank) =>
    new Style({
      text: new Text({
        text,
        placement: 'line',
        font: `500 ${rank < 3 ? 12 : 11}px ${FONT}`,
        fill: ink,
        stroke: halo,
      }),
      zIndex: 20 - rank,
    });
  /** @param {string} text @param {number} size */
  const placeName = (text, size) =>
    new Style({
      text: new Text({
        text,
        font: `${size > 12 ? 600 : 500} ${size}px ${FONT}`,
        fill: size > 12 ? ink : softInk,
        stroke: halo,
      }),
      zIndex: 20 + size,
    });

  return (feature, resolution) => {
    const zoom = zoomOf(resolution);
    const layer = LAYERS[feature.get('layer')];
    const kind = feature.get('class') ?? feature.get('kind');
    const shape = feature.getGeometry()?.getType() ?? '';
    const name = feature.get(`name:${language}`) ?? feature.get(`name_${language}`) ?? feature.get('name');
    switch (layer) {
      case 'ground':
        return ground;
      case 'water':
        return shape.endsWith('Polygon') ? water : shape.endsWith('LineString') ? stream : undefined;
      case 'land':
        if (!shape.endsWith('Polygon')) {
          return undefined;
        }
        return GREEN.has(kind) || feature.get('layer') === 'park' ? green : BUILT.has(kind) ? built : undefined;
      case 'building':
        return zoom < BUILDINGS_FROM_ZOOM ? undefined : building;
      case 'border': {
        const level = Number(feature.get('admin_level'));
        return kind === 'country' || level === 2 ? border : kind === 'region' || level === 4 ? province : undefined;
      }
      case 'road':
      case 'roadName': {
        const rank = RANKS.findIndex((kinds) => kinds.has(kind));
        const named = name && rank >= 0 && zoom >= NAMES_FROM_ZOOM[rank];
        if (layer === 'roadName') {
          return named ? roadName(name, rank) : undefined;
        }
        if (!shape.endsWith('LineString')) {
          return undefined;
        }
        if (RAILS.has(kind)) {
          return zoom < RAILS_FROM_ZOOM ? undefined : rail;
        }
        if (PATHS.has(kind)) {
          return zoom < PATHS_FROM_ZOOM ? undefined : path;
        }
        if (rank < 0 || zoom < ROAD_FROM_ZOOM[rank]) {
          return undefined;
        }
        // Protomaps has the names on the roads themselves.
        return named && feature.get('layer') === 'roads'
          ? [...roadOnce(rank, zoom), roadName(name, rank)]
          : roadOnce(rank, zoom);
      }
      case 'place': {
        const [from, to, size] = PLACES[feature.get('kind_detail')] ?? PLACES[kind] ?? [Infinity, 0, 0];
        return name && zoom >= from && zoom <= to ? placeName(name, size) : undefined;
      }
      default:
        return undefined;
    }
  };
}
