/** @typedef {import('./contract.js').Report} Report */

const DATABASE = 'draugar';
const STORE = 'outbox';
/** Half a day at one position a second. From then on the oldest go. */
const MOST = 43_200;

/**
 * The positions that the server has not acknowledged yet, oldest first. They are in the browser's IndexedDB too, so
 * that they outlive a closed tab; where it is not to be had, they live as long as the page.
 */
export class Outbox {
  /** @type {Map<string, Report>} */
  #waiting = new Map();
  /** What an earlier page left: it goes nowhere until somebody says so. @type {Report[]} */
  #left = [];
  /** @type {IDBDatabase | null} */
  #database = null;
  #member;

  /** @param {string} member whose positions they are: what somebody else left behind on this device goes nowhere */
  constructor(member) {
    this.#member = member;
  }

  /** Takes up what an earlier page left. */
  async open() {
    try {
      const opening = indexedDB.open(DATABASE, 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
      const database = await done(opening);
      /** @type {{member: string, report: Report}[]} */
      const kept = await done(database.transaction(STORE).objectStore(STORE).getAll());
      const mine = kept.filter(({ member }) => member === this.#member).map(({ report }) => report);
      this.#left = mine.sort((a, b) => Date.parse(a.timestamp) - Date.parse(b.timestamp));
      this.#database = database;
      this.#write((store) => {
        store.clear();
        [...this.#left, ...this.#waiting.values()].forEach((report) =>
          store.put({ member: this.#member, report }, report.id),
        );
      });
    } catch {
      this.#database = null; // a private window, or a full disk
    }
  }

  /** How many an earlier page left. */
  get left() {
    return this.#left.length;
  }

  /** Lets what an earlier page left go with the rest, before it. */
  takeUp() {
    this.#waiting = new Map([...this.#left, ...this.#waiting.values()].map((report) => [report.id, report]));
    this.#left = [];
  }

  /** Forgets what an earlier page left. */
  discard() {
    const left = this.#left;
    this.#left = [];
    this.#write((store) => left.forEach(({ id }) => store.delete(id)));
  }

  get size() {
    return this.#waiting.size;
  }

  /** @param {Report} report */
  add(report) {
    this.#waiting.set(report.id, report);
    this.#write((store) => store.put({ member: this.#member, report }, report.id));
    if (this.#waiting.size > MOST) {
      this.remove(this.#waiting.keys().next().value ?? '');
    }
  }

  /** @param {string} id */
  get(id) {
    return this.#waiting.get(id);
  }

  /** @param {string} id */
  remove(id) {
    this.#waiting.delete(id);
    this.#write((store) => store.delete(id));
  }

  clear() {
    this.#waiting.clear();
    this.#left = [];
    this.#write((store) => store.clear());
  }

  /**
   * The oldest ones but for these.
   *
   * @param {number} most
   * @param {Set<string>} but ids
   */
  next(most, but) {
    /** @type {Report[]} */
    const found = [];
    for (const report of this.#waiting.values()) {
      if (found.length === most) {
        break;
      }
      if (!but.has(report.id)) {
        found.push(report);
      }
    }
    return found;
  }

  /** @param {(store: IDBObjectStore) => void} change */
  #write(change) {
    try {
      if (this.#database) {
        change(this.#database.transaction(STORE, 'readwrite').objectStore(STORE));
      }
    } catch {
      this.#database = null; // the browser took it away; the page goes on without
    }
  }
}

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
