/** @param {number} milliseconds since it happened */
export function ago(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 5) return 'just now';
  if (seconds < 60) return `${seconds} s ago`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ago`;
  const days = Math.floor(hours / 24);
  return days === 1 ? '1 day ago' : `${days} days ago`;
}

/** @param {number} metres */
export function distance(metres) {
  return metres < 1000 ? `${metres} m` : `${(metres / 1000).toLocaleString('en')} km`;
}

/** @param {number} metresPerSecond */
export const speed = (metresPerSecond) => `${Math.round(metresPerSecond * 3.6)} km/h`;

/** @param {number} fraction 0 to 1 */
export const percent = (fraction) => `${Math.round(fraction * 100)} %`;

/** @param {string} timestamp ISO 8601 */
export function dateTime(timestamp) {
  const format = new Intl.DateTimeFormat('en-GB', {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    hour: '2-digit',
    minute: '2-digit',
  });
  return format.format(new Date(timestamp));
}

const graphemes = 'Segmenter' in Intl ? new Intl.Segmenter() : null;

/**
 * What a reader sees as single characters: an emoji or an accented letter is one, however many code points it has.
 *
 * @param {string} text
 */
function characters(text) {
  return graphemes ? Array.from(graphemes.segment(text), (part) => part.segment) : Array.from(text);
}

/** @param {string} name */
export function initials(name) {
  const words = name.split(/\s+/).filter(Boolean);
  const shown = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return shown.map((word) => characters(word)[0].toUpperCase()).join('') || '?';
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
