import { t } from './language.js';

/** @typedef {import('./contract.js').Position} Position */
/** @typedef {import('./contract.js').User} User */
/** @typedef {import('./contract.js').FamilyMember} FamilyMember */
/** @typedef {'live' | 'stale' | 'paused' | 'offline'} State */

/**
 * A member as this page knows them.
 *
 * @typedef {object} Member
 * @property {string} id
 * @property {string} name
 * @property {boolean} isMe
 * @property {boolean} admin
 * @property {boolean} shownInApps whether they show up inside the tracker apps of the others
 * @property {boolean} online
 * @property {number} offlineSince milliseconds since 1970; 0 when not seen online yet
 * @property {boolean} paused
 * @property {string} [pausedUntil] ISO 8601; without it until they end it
 * @property {Position | null} position
 * @property {boolean} encrypted whether they share end to end encrypted, which this page holds no key for
 * @property {number} colour an index into the palette in app.css
 */

/** How many member colours app.css holds. */
const COLOURS = 10;

/** A position older than this is drawn faded: it says where somebody was, not where they are. */
const FRESH_FOR_MS = 120_000;

/** The family's members, in one place for the map and the list. Fires `member` for one, `members` for all of them. */
export class Family extends EventTarget {
  /** @type {Map<string, Member>} */
  #members = new Map();
  /**
   * Who is online, known or not yet: the server may say so before it has said who belongs to the family.
   *
   * @type {Set<string>}
   */
  #online = new Set();
  /** @type {string} */
  #myId;

  /** @param {User} me */
  constructor(me) {
    super();
    this.#myId = me.id;
    this.#add(me.id, me.name);
  }

  /** Me first, then by name. */
  get members() {
    return [...this.#members.values()].sort(
      (a, b) => Number(b.isMe) - Number(a.isMe) || a.name.localeCompare(b.name) || a.id.localeCompare(b.id),
    );
  }

  /** @param {string} id */
  has(id) {
    return this.#members.has(id);
  }

  /** @param {string} id */
  get(id) {
    return this.#members.get(id);
  }

  /**
   * Takes over who belongs to the family: new members come, removed ones go.
   *
   * @param {FamilyMember[]} users
   */
  setMembers(users) {
    const ids = new Set(users.map((user) => user.id));
    for (const id of this.#members.keys()) {
      if (!ids.has(id) && id !== this.#myId) {
        this.#members.delete(id);
      }
    }
    for (const user of users) {
      const member = this.#members.get(user.id) ?? this.#add(user.id, user.name);
      member.name = user.name;
      member.admin = user.role === 'admin';
      member.shownInApps = user.shownInApps;
      member.paused = user.paused === true;
      member.pausedUntil = user.pausedUntil;
    }
    this.#dealColours();
    this.dispatchEvent(new Event('members'));
  }

  /**
   * @param {string} id
   * @param {string} name empty when unknown
   * @param {Position} position
   */
  place(id, name, position) {
    const member = this.#know(id, name);
    const known = member.position;
    // A reconnect repeats the last position, and what a phone sends late belongs to its past.
    if (known && Date.parse(known.timestamp) >= Date.parse(position.timestamp)) {
      return;
    }
    member.position = position;
    member.encrypted = false;
    this.#changed(member);
  }

  /**
   * @param {string} id
   * @param {string} name
   */
  hide(id, name) {
    const member = this.#know(id, name);
    member.encrypted = true;
    member.position = null; // what came before is no longer where they are
    this.#changed(member);
  }

  /** Everybody else counts as offline until the server says who is not: it does so on every new connection. */
  forgetPresence() {
    for (const id of [...this.#online]) {
      if (id !== this.#myId) {
        this.setOnline(id, false);
      }
    }
  }

  /**
   * @param {string} id
   * @param {boolean} online
   */
  setOnline(id, online) {
    if (online) {
      this.#online.add(id);
    } else {
      this.#online.delete(id);
    }
    const member = this.#members.get(id);
    if (member && member.online !== online) {
      member.online = online;
      member.offlineSince = Date.now();
      this.#changed(member);
    }
  }

  /**
   * @param {string} id
   * @param {boolean} paused
   * @param {string} [until] ISO 8601
   */
  setPaused(id, paused, until) {
    const member = this.#members.get(id);
    if (member) {
      member.paused = paused;
      member.pausedUntil = until;
      this.#changed(member);
    }
  }

  /**
   * @param {string} id
   * @param {string} name
   */
  #know(id, name) {
    const known = this.#members.get(id);
    if (known) {
      return known;
    }
    const member = this.#add(id, name);
    this.dispatchEvent(new Event('members'));
    return member;
  }

  /**
   * @param {string} id
   * @param {string} name
   */
  #add(id, name) {
    /** @type {Member} */
    const member = {
      id,
      name: name || t('family.new'),
      isMe: id === this.#myId,
      admin: false,
      shownInApps: true,
      online: this.#online.has(id),
      offlineSince: 0,
      paused: false,
      position: null,
      encrypted: false,
      colour: wantedColour(id),
    };
    this.#members.set(id, member);
    return member;
  }

  /**
   * Gives everybody a colour of their own, until the family outgrows the palette; whoever asks first gets the one they
   * want. The ids decide and nothing else, so that all members see the same colours on every visit.
   */
  #dealColours() {
    const taken = new Set();
    for (const member of [...this.#members.values()].sort((a, b) => (a.id < b.id ? -1 : 1))) {
      let colour = wantedColour(member.id);
      for (let tries = 1; taken.has(colour) && tries < COLOURS; tries++) {
        colour = (colour + 1) % COLOURS;
      }
      member.colour = colour;
      taken.add(colour);
    }
  }

  /** @param {Member} member */
  #changed(member) {
    this.dispatchEvent(new CustomEvent('member', { detail: member }));
  }
}

/**
 * What is known of somebody right now. Live: where they are. Stale: where they were, though they are connected.
 *
 * @param {Member} member
 * @returns {State}
 */
export function stateOf({ paused, online, offlineSince, position }) {
  if (paused) {
    return 'paused';
  }
  const measuredAt = position ? Date.parse(position.timestamp) : 0;
  // A tracker keeps no connection: it is live while its positions come.
  if (Date.now() - measuredAt < FRESH_FOR_MS && (online || measuredAt > offlineSince)) {
    return 'live';
  }
  return online ? 'stale' : 'offline';
}

/** @param {string} id */
function wantedColour(id) {
  let sum = 0;
  for (const character of id) {
    sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 9973;
  }
  return sum % COLOURS;
}
