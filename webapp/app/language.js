import english from '../messages/en.js';

/**
 * @typedef {typeof english} English
 * @typedef {keyof English} Key
 * @typedef {{one: string, few?: string, other: string}} Plural by the language's own rules (Unicode CLDR)
 * @typedef {{[K in Key]: English[K] extends string ? string : Plural}} Messages
 */

const CHOSEN = 'draugar.language';

/** @type {Record<string, () => Promise<{default: Messages}>>} */
const FILES = {
  en: async () => ({ default: english }),
  is: () => import('../messages/is.js'),
  de: () => import('../messages/de.js'),
  es: () => import('../messages/es.js'),
  fr: () => import('../messages/fr.js'),
  pl: () => import('../messages/pl.js'),
};

/** Each by its own name, for people who do not read the one that is shown. */
export const LANGUAGES = {
  en: 'English',
  is: 'Íslenska',
  de: 'Deutsch',
  es: 'Español',
  fr: 'Français',
  pl: 'Polski',
};

/** The language that is shown, as a tag. */
export const language = choose();

/** Whether the browser knows how dates and lists are written in it. Chrome does not know Icelandic. */
export const isKnown = Intl.DateTimeFormat.supportedLocalesOf(language).length > 0;

/**
 * For numbers and times: with the region, where the browser names one of the same language; Danish, whose numbers look
 * the same, in place of Icelandic where the browser does not know that.
 */
export const locale = isKnown
  ? (navigator.languages.find((tag) => tag === language || tag.startsWith(`${language}-`)) ?? language)
  : 'da-IS';

/** @type {Messages} */
const messages = (await FILES[language]()).default;
const plurals = new Intl.PluralRules(language);

/**
 * The message in the chosen language.
 *
 * @param {Key} key
 * @param {Record<string, string | number>} [values] for the names in braces; `count` also decides between singular and
 *     plural
 */
export function t(key, values = {}) {
  const message = messages[key];
  const text = typeof message === 'string' ? message : plural(message, Number(values.count));
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/**
 * @param {Plural} forms
 * @param {number} count
 */
function plural(forms, count) {
  const form = plurals.select(count);
  return (form === 'one' || form === 'few' ? forms[form] : undefined) ?? forms.other;
}

/** Puts the messages where index.html names them: `data-text` for the text, `data-label` for its accessible name. */
export function translatePage() {
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll('[data-text]')) {
    element.textContent = t(/** @type {Key} */ (element.getAttribute('data-text')));
  }
  for (const element of document.querySelectorAll('[data-label]')) {
    element.setAttribute('aria-label', t(/** @type {Key} */ (element.getAttribute('data-label'))));
  }
}

/** @param {string} tag one of the languages */
export function changeLanguage(tag) {
  try {
    localStorage.setItem(CHOSEN, tag);
  } catch {
    // Blocked storage: the browser's own language stays.
  }
  location.reload();
}

function choose() {
  let chosen = null;
  try {
    chosen = localStorage.getItem(CHOSEN);
  } catch {
    // Blocked storage.
  }
  const wanted = [chosen ?? '', ...navigator.languages].map((tag) => tag.split('-')[0]);
  return wanted.find((tag) => tag in FILES) ?? 'en';
}
