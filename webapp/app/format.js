import { language, locale, t } from './language.js';

/** @typedef {import('./language.js').Key} Key */

const METRES_PER_MILE = 1609.344;
const METRES_PER_FOOT = 0.3048;
/** Where roads are measured in miles. */
const inMiles = ['US', 'GB', 'LR', 'MM'].includes(new Intl.Locale(locale).region ?? '');

const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' });

/** @param {number} milliseconds since it happened */
export function ago(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 5) return relative.format(0, 'second');
  if (seconds < 60) return relative.format(-seconds, 'second');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return relative.format(-minutes, 'minute');
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return relative.format(-hours, 'hour');
  return relative.format(-Math.floor(hours / 24), 'day');
}

/**
 * @param {number} value
 * @param {string} unit
 * @param {number} [digits] after the point
 */
const measure = (value, unit, digits = 0) => number({ style: 'unit', unit, maximumFractionDigits: digits }, value);

/**
 * Formats are kept: to make one takes longer than to use it a hundred times.
 *
 * @type {Map<string, Intl.NumberFormat>}
 */
const formats = new Map();

/**
 * @param {Intl.NumberFormatOptions} options
 * @param {number} value
 */
function number(options, value) {
  const key = JSON.stringify(options);
  const format = formats.get(key) ?? new Intl.NumberFormat(locale, options);
  formats.set(key, format);
  return format.format(value);
}

/** @param {number} metres */
export function distance(metres) {
  const [small, perSmall, large, perLarge] = inMiles
    ? /** @type {const} */ (['foot', METRES_PER_FOOT, 'mile', METRES_PER_MILE])
    : /** @type {const} */ (['meter', 1, 'kilometer', 1000]);
  const larges = metres / perLarge;
  if (metres / perSmall < 995) {
    return measure(twoDigits(metres / perSmall), small);
  }
  return measure(larges, large, larges < 10 ? 1 : 0);
}

/** @param {number} value */
function twoDigits(value) {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, value))) - 1);
  return Math.round(value / step) * step;
}

/** @param {number} metresPerSecond */
export const speed = (metresPerSecond) =>
  inMiles
    ? measure((metresPerSecond * 3600) / METRES_PER_MILE, 'mile-per-hour')
    : measure(metresPerSecond * 3.6, 'kilometer-per-hour');

/** @param {number} fraction 0 to 1 */
export const percent = (fraction) => number({ style: 'percent' }, fraction);

/** @param {number} degrees from north, clockwise */
export const direction = (degrees) => t(/** @type {Key} */ (`direction.${Math.round(degrees / 45 + 8) % 8}`));

/** @param {number} milliseconds */
export function duration(milliseconds) {
  const minutes = Math.max(1, Math.round(milliseconds / 60_000));
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60];
  /** @type {(value: number, unit: string) => string} */
  const short = (value, unit) => number({ style: 'unit', unit, unitDisplay: 'short' }, value);
  return [days && short(days, 'day'), hours && short(hours, 'hour'), rest && short(rest, 'minute')]
    .filter(Boolean)
    .join(' ');
}

/** @param {string | number | Date} instant */
export const time = (instant) =>
  new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' }).format(new Date(instant));

/** @param {string | number | Date} instant */
export const date = (instant) =>
  new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long' }).format(new Date(instant));

/** @param {string | number | Date} instant */
export const dateTime = (instant) =>
  new Intl.DateTimeFormat(locale, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    hour: '2-digit',
    minute: '2-digit',
  }).format(new Date(instant));

const graphemes = 'Segmenter' in Intl ? new Intl.Segmenter() : null;

/**
 * What a reader sees as single characters: an emoji or an accented letter is one, however many code points it has.
 *
 * @param {string} text
 */
function characters(text) {
  return graphemes ? Array.from(graphemes.segment(text), (part) => part.segment) : Array.from(text);
}

/** @param {string} word not empty */
function firstCharacter(word) {
  for (const { segment } of graphemes?.segment(word) ?? []) {
    return segment;
  }
  return [...word][0];
}

/** @param {string} name */
export function initials(name) {
  const words = name.split(/\s+/).filter(Boolean);
  const shown = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return shown.map((word) => firstCharacter(word).toUpperCase()).join('') || '?';
}

/**
 * @param {string} text
 * @param {number} most
 */
export function shorten(text, most) {
  const all = characters(text);
  return all.length <= most
    ? text
    : `${all
        .slice(0, most - 1)
        .join('')
        .trimEnd()}…`;
}
