import { isKnown, language, locale, t } from './language.js';

/** @typedef {import('./language.js').Key} Key */

const HALF_A_DAY_MS = 43_200_000;
const METRES_PER_MILE = 1609.344;
const METRES_PER_FOOT = 0.3048;
/** Where roads are measured in miles. */
const inMiles = ['US', 'GB', 'LR', 'MM'].includes(new Intl.Locale(locale).region ?? '');

/** @param {number} milliseconds since it happened */
export function ago(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 5) return t('ago.now');
  if (seconds < 60) return t('ago.second', { count: seconds });
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return t('ago.minute', { count: minutes });
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return t('ago.hour', { count: hours });
  return t('ago.day', { count: Math.floor(hours / 24) });
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

/** How lengths are said here: a small and a large unit, each with its metres. */
export const LENGTHS = inMiles
  ? /** @type {const} */ ([
      { unit: 'foot', metres: METRES_PER_FOOT },
      { unit: 'mile', metres: METRES_PER_MILE },
    ])
  : /** @type {const} */ ([
      { unit: 'meter', metres: 1 },
      { unit: 'kilometer', metres: 1000 },
    ]);

/** @param {number} metres */
export function distance(metres) {
  const [small, large] = LENGTHS;
  const larges = metres / large.metres;
  if (metres / small.metres < 995) {
    return measure(twoDigits(metres / small.metres), small.unit);
  }
  return measure(larges, large.unit, larges < 10 ? 1 : 0);
}

/**
 * @param {number} value
 * @param {string} unit one of those that lengths are said in
 */
export const length = (value, unit) => measure(value, unit, 1);

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

/** @param {number} value */
export const count = (value) => number({}, value);

/** @param {number} value */
export const bytes = (value) =>
  value < 1e6 ? measure(Math.ceil(value / 1e3), 'kilobyte') : measure(value / 1e6, 'megabyte', 1);

/** @param {number} fraction 0 to 1 */
export const percent = (fraction) => number({ style: 'percent' }, fraction);

/** @param {number} degrees from north, clockwise */
export const direction = (degrees) => t(/** @type {Key} */ (`direction.${Math.round(degrees / 45 + 8) % 8}`));

/** @param {number} degrees from north, clockwise, in which somebody lies from somewhere */
export const side = (degrees) => t(/** @type {Key} */ (`side.${Math.round(degrees / 45 + 8) % 8}`));

/** @param {number} milliseconds */
export function duration(milliseconds) {
  const minutes = Math.max(1, Math.round(milliseconds / 60_000));
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60];
  return [
    days && t('long.day', { count: days }),
    hours && t('long.hour', { count: hours }),
    rest && t('long.minute', { count: rest }),
  ]
    .filter(Boolean)
    .join(' ');
}

/** @param {number} value */
const two = (value) => String(value).padStart(2, '0');

/** @param {string | number | Date} instant */
export function time(instant) {
  const moment = new Date(instant);
  return isKnown
    ? new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' }).format(moment)
    : `${two(moment.getHours())}:${two(moment.getMinutes())}`;
}

/** @param {string | number | Date} instant */
export function weekday(instant) {
  const moment = new Date(instant);
  return isKnown
    ? new Intl.DateTimeFormat(locale, { weekday: 'long' }).format(moment)
    : t('date.weekdays').split(' ')[moment.getDay()];
}

/** @param {string | number | Date} instant */
export function date(instant) {
  const moment = new Date(instant);
  return isKnown
    ? new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long' }).format(moment)
    : `${weekday(moment)} ${moment.getDate()}. ${t('date.months').split(' ')[moment.getMonth()]}`;
}

/** @param {string | number | Date} instant */
export const dateTime = (instant) => `${date(instant)}, ${time(instant)}`;

/**
 * A moment as people say it: the time alone where it is today, or near.
 *
 * @param {string | number | Date} instant
 */
export function moment(instant) {
  const then = new Date(instant);
  const near = Math.abs(then.getTime() - Date.now()) < HALF_A_DAY_MS;
  return near || then.toDateString() === new Date().toDateString() ? time(then) : `${weekday(then)} ${time(then)}`;
}

/**
 * Several names, as one says them after each other.
 *
 * @param {string[]} names
 */
export const listed = (names) => (isKnown ? new Intl.ListFormat(language).format(names) : names.join(', '));

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
function initials(name) {
  const words = name.split(/\s+/).filter(Boolean);
  const shown = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return shown.map((word) => firstCharacter(word).toUpperCase()).join('') || '?';
}

/**
 * What stands for a member on the map and in lists.
 *
 * @param {{name: string, emoji?: string}} member
 */
export const faceOf = ({ name, emoji }) => emoji ?? initials(name);

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
