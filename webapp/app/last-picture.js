import { readPosition } from './contract.js';
import { byId } from './dom.js';

/**
 * @typedef {import('./contract.js').FamilyMember} FamilyMember
 * @typedef {import('./contract.js').Position} Position
 * @typedef {import('./family.js').Family} Family
 * @typedef {import('draugar').Tracked} Tracked
 *
 * @typedef {object} Picture
 * @property {string} member whose picture it is
 * @property {FamilyMember[]} users
 * @property {Tracked[]} tracked
 * @property {Record<string, Position>} positions by member
 */

const WANTED = 'draugar.keeps';
const PICTURE = 'draugar.picture';
const KEEP_EVERY_MS = 10_000;

/**
 * The family as it was known last, in this browser: for when there is no network. Only where the device's owner wants
 * that, because whoever has the device then sees it too.
 */
export class LastPicture {
  #family;
  /** @type {FamilyMember[] | null} null while the server has not told them */
  #users = null;
  /** @type {Tracked[]} */
  #tracked = [];

  /**
   * @param {Family} family
   * @param {AbortSignal} until
   */
  constructor(family, until) {
    this.#family = family;
    const choice = byId('settings-keep', HTMLInputElement);
    choice.checked = read(WANTED) !== null;
    choice.addEventListener(
      'change',
      () => {
        write(WANTED, choice.checked ? '' : null);
        write(PICTURE, null);
        this.#keep();
      },
      { signal: until },
    );
    const timer = setInterval(() => this.#keep(), KEEP_EVERY_MS);
    until.addEventListener('abort', () => clearInterval(timer));
    window.addEventListener('pagehide', () => this.#keep(), { signal: until });
  }

  /** Shows the family as it was, until the server says how it is. */
  show() {
    try {
      /** @type {Picture} */
      const { member, users, tracked, positions } = JSON.parse(read(PICTURE) ?? 'null');
      if (member !== this.#family.me.id) {
        return;
      }
      this.#family.setMembers(users);
      this.#family.setTracked(tracked);
      for (const { id, name } of users) {
        const position = readPosition({ ...positions[id] });
        if (position) {
          this.#family.place(id, name, position);
        }
      }
    } catch {
      // There is none, or it is from another version.
    }
  }

  /**
   * What the server says now.
   *
   * @param {FamilyMember[]} users
   * @param {Tracked[]} tracked
   */
  take(users, tracked) {
    this.#users = users;
    this.#tracked = tracked;
    this.#keep();
  }

  #keep() {
    if (!this.#users || read(WANTED) === null) {
      return;
    }
    const { me, members } = this.#family;
    // Nobody sees where somebody was who pauses.
    const seen = members.filter(({ position, paused }) => position && !paused);
    const positions = Object.fromEntries(seen.map(({ id, position }) => [id, position]));
    write(PICTURE, JSON.stringify({ member: me.id, users: this.#users, tracked: this.#tracked, positions }));
  }
}

/** To be called when this device belongs to the family no more. */
export function forgetPicture() {
  write(WANTED, null); // first: another tab may be about to keep one
  write(PICTURE, null);
}

/** @param {string} key */
function read(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // blocked storage
  }
}

/**
 * @param {string} key
 * @param {string | null} value null: none
 */
function write(key, value) {
  try {
    if (value === null) {
      localStorage.removeItem(key);
    } else {
      localStorage.setItem(key, value);
    }
  } catch {
    // Blocked storage, or a full one: nothing is kept.
  }
}
