import * as api from './api.js';
import { byId, setText } from './dom.js';
import { t } from './language.js';

/** @typedef {import('draugar').StreetMap} StreetMap */

const OFF = 'draugar.streets.off';

/**
 * The streets that the server's owner has set a map of: where they come from, who then learns where one looks, and
 * whether this device shows them.
 */
export class StreetsSetting {
  #show;
  #switch = byId('settings-streets', HTMLInputElement);
  /** @type {StreetMap | null} */
  #map = null;

  /** @param {(map: StreetMap | null) => void} show */
  constructor(show) {
    this.#show = show;
    this.#switch.checked = !isOff();
    this.#switch.addEventListener('change', () => {
      keepOff(!this.#switch.checked);
      this.#apply();
    });
  }

  /** @param {string} token */
  async load(token) {
    if (this.#map) {
      return;
    }
    try {
      this.#map = (await api.maps(token)).street ?? null;
    } catch {
      return; // the next connection asks again
    }
    byId('settings-map').hidden = this.#map === null;
    if (this.#map) {
      const { host } = this.#map;
      setText(byId('settings-streets-from'), host ? t('settings.streets.from', { host }) : t('settings.streets.ours'));
      this.#apply();
    }
  }

  #apply() {
    this.#show(this.#switch.checked ? this.#map : null);
  }
}

function isOff() {
  try {
    return localStorage.getItem(OFF) !== null;
  } catch {
    return false; // blocked storage
  }
}

/** @param {boolean} off */
function keepOff(off) {
  try {
    if (off) {
      localStorage.setItem(OFF, '');
    } else {
      localStorage.removeItem(OFF);
    }
  } catch {
    // Blocked storage: it is so until the page closes.
  }
}
