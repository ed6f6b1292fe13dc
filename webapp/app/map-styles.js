import ol from '../lib/ol.js';

const { Circle, Fill, Stroke, Style, Text } = ol.style;

/**
 * The colours of a map: calm, so that faces stand out.
 *
 * @typedef {typeof THEMES.light} Theme
 */
export const THEMES = {
  light: {
    water: '#c9dde6',
    land: '#f5f4ee',
    coast: '#a9c3cf',
    river: '#b3cfdc',
    border: '#a99fb4',
    province: '#d9d3df',
    country: '#6f6780',
    city: '#3f4a55',
    dot: '#7d8791',
    halo: '#f5f4ee',
    green: '#dbe8cf',
    built: '#efece4',
    building: '#e2ddd2',
    rail: '#b5b0ab',
    path: '#cbbfae',
    road: '#ffffff',
    mainRoad: '#fbe9b7',
    roadEdge: '#d9d4c8',
    grid: { fine: 'rgb(60 90 90 / 5%)', strong: 'rgb(60 90 90 / 13%)' },
  },
  dark: {
    water: '#0f1a22',
    land: '#1d252b',
    coast: '#2b3d49',
    river: '#1f3441',
    border: '#5a5468',
    province: '#343643',
    country: '#8f88a3',
    city: '#b4bec7',
    dot: '#6f7b86',
    halo: '#161d22',
    green: '#1d3029',
    built: '#20282e',
    building: '#2a333a',
    rail: '#4d565e',
    path: '#4a4a44',
    road: '#39444d',
    mainRoad: '#5a5442',
    roadEdge: '#161d22',
    grid: { fine: 'rgb(190 220 230 / 4%)', strong: 'rgb(190 220 230 / 10%)' },
  },
};

export const FONT = 'system-ui, sans-serif';

/** From this zoom on places of a rank in Natural Earth, 0 the greatest, are named. */
const PLACE_FROM_ZOOM = [2.5, 3, 3.8, 4.5, 5, 5.5, 6, 6.5, 7.5, 8, 8];
/** And so are countries, in four sizes. */
const COUNTRY_FROM_ZOOM = [1.5, 3, 4, 5.5];
/** Here everybody knows which country they see. */
const COUNTRY_TO_ZOOM = 7.5;

/** @param {number} resolution */
export const zoomOf = (resolution) => Math.log2(156543.03392804097 / resolution);

/**
 * How the default map is drawn.
 *
 * @param {Theme} theme
 * @param {string} language of the countries' names
 * @param {number} namesTo up to this zoom there are names on it
 * @returns {(feature: import('ol/Feature.js').FeatureLike, resolution: number) => ol.style.Style | undefined}
 */
export function groundStyle(theme, language, namesTo) {
  const known = Intl.DisplayNames.supportedLocalesOf(language).length > 0;
  const countries = new Intl.DisplayNames(known ? language : 'en', { type: 'region' });
  /** @type {(color: string, width: number, zIndex: number, lineDash?: number[]) => ol.style.Style} */
  const line = (color, width, zIndex, lineDash) =>
    new Style({ stroke: new Stroke({ color, width, lineDash, lineCap: 'round', lineJoin: 'round' }), zIndex });

  const coast = new Stroke({ color: theme.coast, width: 1 });
  const land = new Style({ fill: new Fill({ color: theme.land }), stroke: coast });
  const rivers = [1.8, 1.4, 1].map((width) => line(theme.river, width, 1));
  const province = line(theme.province, 1, 2);
  const border = line(theme.border, 1.2, 3);
  const disputed = line(theme.border, 1.2, 3, [5, 5]);

  const halo = new Stroke({ color: theme.halo, width: 3 });
  const dot = (/** @type {number} */ radius) =>
    new Circle({ radius, fill: new Fill({ color: theme.halo }), stroke: new Stroke({ color: theme.dot, width: 1.5 }) });
  const dots = [dot(2.5), dot(3.5)];
  const cityFill = new Fill({ color: theme.city });
  const countryFill = new Fill({ color: theme.country });

  /** @param {string} name @param {number} rank @param {boolean} capital */
  const place = (name, rank, capital) =>
    new Style({
      image: dots[Number(capital)],
      text: new Text({
        text: name,
        font: `${rank < 3 ? 500 : 400} ${rank < 2 ? 14 : rank < 5 ? 13 : 12}px ${FONT}`,
        fill: cityFill,
        stroke: halo,
        textAlign: 'left',
        offsetX: 7,
      }),
      zIndex: 30 - rank,
    });
  /** @param {string} name @param {number} rank */
  const country = (name, rank) =>
    new Style({
      text: new Text({
        text: name.toLocaleUpperCase(language),
        font: `600 ${13 - rank}px ${FONT}`,
        fill: countryFill,
        stroke: halo,
      }),
      zIndex: 40 - rank,
    });

  return (feature, resolution) => {
    const zoom = zoomOf(resolution);
    const rank = feature.get('rank');
    switch (feature.get('layer')) {
      case 'land':
        return land;
      case 'river':
        return rank > zoom + 1 ? undefined : rivers[Math.min(2, Math.floor(rank / 3))];
      case 'province':
        return rank > zoom ? undefined : province;
      case 'border':
        return feature.get('disputed') ? disputed : border;
      case 'place':
        return zoom < PLACE_FROM_ZOOM[rank] || zoom > namesTo
          ? undefined
          : place(feature.get('name'), rank, feature.get('capital') === 1);
      case 'country':
        return zoom < COUNTRY_FROM_ZOOM[rank] || zoom > Math.min(COUNTRY_TO_ZOOM, namesTo)
          ? undefined
          : country(countries.of(feature.get('code')) ?? '', rank);
      default:
        return undefined;
    }
  };
}
