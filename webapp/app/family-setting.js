import * as api from './api.js';
import { byId, create, setText } from './dom.js';
import { dateTime } from './format.js';
import { t } from './language.js';

/**
 * @typedef {import('./family.js').Family} Family
 * @typedef {import('draugar').LogEntry} LogEntry
 * @typedef {import('./language.js').Key} Key
 */

/** How long positions may be kept, as the API writes it; a server may allow less. */
const TERMS = ['off', '1d', '7d', '30d', '90d', '365d'];

/** What admins set for the family: its name, and how long it keeps history; and the log of who may what. */
export class FamilySetting {
  #token;
  #family;
  #form = byId('family-form', HTMLFormElement);
  #name = byId('family-name', HTMLInputElement);
  #history = byId('family-history', HTMLSelectElement);
  #saved = byId('family-saved');
  #log = byId('family-log', HTMLDetailsElement);
  #entries = byId('family-log-entries');
  #more = byId('family-log-more');
  /** @type {string | undefined} path of the next page */
  #next;

  /**
   * @param {string} token
   * @param {Family} family
   * @param {AbortSignal} until
   */
  constructor(token, family, until) {
    this.#token = token;
    this.#family = family;
    this.#form.addEventListener(
      'submit',
      (event) => {
        event.preventDefault();
        this.#save();
      },
      { signal: until },
    );
    this.#log.addEventListener('toggle', () => this.#log.open && this.#read(), { signal: until });
    this.#more.addEventListener('click', () => this.#read(this.#next), { signal: until });
  }

  async load() {
    const { admin } = this.#family.me;
    this.#form.hidden = this.#log.hidden = !admin;
    this.#log.open = false;
    setText(this.#saved, '');
    if (admin) {
      this.#show(await api.family(this.#token));
    }
  }

  /** @param {import('draugar').Family} family */
  #show({ name, history }) {
    this.#name.value = name;
    const terms = [...new Set([...TERMS, history])];
    this.#history.replaceChildren(...terms.map((term) => new Option(termWords(term), term)));
    this.#history.value = history;
  }

  async #save() {
    setText(this.#saved, '');
    try {
      this.#show(await api.changeFamily(this.#token, { name: this.#name.value, history: this.#history.value }));
      setText(this.#saved, t('family.saved'));
    } catch (problem) {
      setText(this.#saved, api.wordsFor(problem));
    }
  }

  /** @param {string} [next] */
  async #read(next) {
    try {
      const log = await api.log(this.#token, next);
      if (!next) {
        this.#entries.replaceChildren();
      }
      this.#entries.append(...log.entries.map((entry) => this.#describe(entry)));
      this.#next = log.next;
      this.#more.hidden = !log.next;
    } catch (problem) {
      this.#entries.append(create('li', '', api.wordsFor(problem)));
    }
  }

  /** @param {LogEntry} entry */
  #describe({ at, event, userId = '', by = '' }) {
    const name = (/** @type {string} */ id) => this.#family.get(id)?.name ?? t('log.gone');
    const words = t(/** @type {Key} */ (`log.${event}`), { name: name(userId), by: by ? name(by) : t('log.server') });
    return create('li', '', create('time', 'hint', dateTime(at)), create('bdi', '', words));
  }
}

/** @param {string} term as the API writes it */
function termWords(term) {
  const [, count, unit] = /^(\d+)([hdwy])$/.exec(term) ?? [];
  return count ? t(/** @type {Key} */ (`term.${unit}`), { count: Number(count) }) : t('term.off');
}
