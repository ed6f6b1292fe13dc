import { metresBetween } from './geo.js';
import { t } from './language.js';

/** @typedef {import('./contract.js').Position} Position */
/** @typedef {import('./contract.js').User} User */
/** @typedef {import('./contract.js').FamilyMember} FamilyMember */
/** @typedef {'alarm' | 'live' | 'here' | 'stale' | 'paused' | 'silent' | 'offline'} State */

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
 * @property {number} stoppedAt what was measured before is the past: milliseconds since 1970
 * @property {number} quietMs how long their tracker may say nothing; 0 without a tracker
 * @property {number} quietUntil until when their last position counts, though nobody is connected
 * @property {Position | null} position
 * @property {number} since when they came to the place where they are
 * @property {{about: string, at: number} | null} alarm the last one that they raised
 * @property {boolean} encrypted whether they share end to end encrypted, which this page holds no key for
 * @property {number} colour an index into the palette in app.css
 * @property {string} [emoji] what stands for them instead of their initials
 */

/** A position older than this is drawn faded: it says where somebody was, not where they are. */
const FRESH_FOR_MS = 120_000;
/** For so long an alarm is shown, whatever comes after it. */
const ALARM_MS = 3_600_000;
/** Who moves less than this has stayed, as far as a phone can tell. */
const PLACE_M = 100;

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
  /** When members stopped, known to belong to the family or not yet. @type {Map<string, number>} */
  #stopped = new Map();
  /** @type {string} */
  #myId;

  /** @param {User} me */
  constructor(me) {
    super();
    this.#myId = me.id;
    this.#add(me.id, me.name);
  }

  /** Who raises an alarm first, then me, then by name. */
  get members() {
    return [...this.#members.values()].sort(
      (a, b) =>
        Number(alarmOf(b) !== null) - Number(alarmOf(a) !== null) ||
        Number(b.isMe) - Number(a.isMe) ||
        a.name.localeCompare(b.name) ||
        a.id.localeCompare(b.id),
    );
  }

  get me() {
    return /** @type {Member} */ (this.#members.get(this.#myId));
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
      member.colour = user.colour;
      member.emoji = user.emoji;
    }
    this.dispatchEvent(new Event('members'));
  }

  /**
   * Takes over who reports by tracker: a tracker keeps no connection, and its last position counts until it is silent
   * for too long.
   *
   * @param {import('draugar').Tracked[]} tracked
   */
  setTracked(tracked) {
    const byId = new Map(tracked.map((one) => [one.userId, one]));
    for (const member of this.#members.values()) {
      const found = byId.get(member.id);
      member.quietMs = found ? found.silentAfterMinutes * 60_000 : 0;
      member.quietUntil = found ? Date.parse(found.silentAt) : 0;
    }
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
    this.#noteAlarm(member, position.alarm, Date.parse(position.timestamp));
    // A reconnect repeats the last position, and what a phone sends late belongs to its past.
    if (known && Date.parse(known.timestamp) >= Date.parse(position.timestamp)) {
      return;
    }
    const at = Date.parse(position.timestamp);
    if (!known || !isSamePlace(known, position)) {
      member.since = at;
    }
    if (member.quietMs && !member.online) {
      member.quietUntil = Math.max(member.quietUntil, at + member.quietMs);
    }
    member.position = position;
    member.encrypted = false;
    this.#changed(member);
  }

  /**
   * Takes over where a member was before this page knew of it.
   *
   * @param {string} id
   * @param {Position[]} earlier oldest first
   */
  recall(id, earlier) {
    const member = this.#members.get(id);
    if (!member?.position) {
      return;
    }
    earlier.forEach(({ alarm, timestamp }) => this.#noteAlarm(member, alarm, Date.parse(timestamp)));
    for (const position of earlier.toReversed()) {
      if (!isSamePlace(member.position, position)) {
        break;
      }
      member.since = Math.min(member.since, Date.parse(position.timestamp));
    }
    this.#changed(member);
  }

  /**
   * An alarm whose place nobody knows.
   *
   * @param {string} id
   * @param {string} name
   * @param {string} about
   * @param {number} at
   */
  raise(id, name, about, at) {
    const member = this.#know(id, name);
    this.#noteAlarm(member, about, at);
    this.#changed(member);
  }

  /**
   * An alarm may come with a position that was told before.
   *
   * @param {Member} member
   * @param {string | undefined} alarm
   * @param {number} at milliseconds since 1970
   */
  #noteAlarm(member, alarm, at) {
    if (alarm && at > (member.alarm?.at ?? 0)) {
      member.alarm = { about: alarm, at };
      if (alarmOf(member)) {
        this.dispatchEvent(new CustomEvent('alarm', { detail: member }));
        this.dispatchEvent(new Event('members'));
      }
    }
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
      if (member.paused && !paused) {
        member.stoppedAt = Date.now(); // the place from before the pause is not where they are
      }
      member.paused = paused;
      member.pausedUntil = until;
      this.#changed(member);
    }
  }

  /**
   * @param {string} id
   * @param {number} at
   */
  setStopped(id, at) {
    this.#stopped.set(id, at);
    const member = this.#members.get(id);
    if (member && at > member.stoppedAt) {
      member.stoppedAt = at;
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
      stoppedAt: this.#stopped.get(id) ?? 0,
      quietMs: 0,
      quietUntil: 0,
      position: null,
      since: 0,
      alarm: null,
      encrypted: false,
      colour: 0,
    };
    this.#members.set(id, member);
    return member;
  }

  /** @param {Member} member */
  #changed(member) {
    this.dispatchEvent(new CustomEvent('member', { detail: member }));
  }
}

/**
 * What is known of somebody right now. Live: where they are. Here: where their tracker has said they are, and it has
 * not been silent for too long. Stale: where they were, though they are connected.
 *
 * @param {Member} member
 * @returns {State}
 */
export function stateOf(member) {
  const { paused, online, offlineSince, stoppedAt, quietUntil, position } = member;
  const now = Date.now();
  if (alarmOf(member)) {
    return 'alarm';
  }
  if (paused) {
    return 'paused';
  }
  const measuredAt = position ? Date.parse(position.timestamp) : 0;
  const tracked = position !== null && now < quietUntil;
  const fresh = now - measuredAt < FRESH_FOR_MS && measuredAt > stoppedAt;
  if (fresh && (online || tracked || measuredAt > offlineSince)) {
    return 'live';
  }
  if (tracked) {
    return 'here';
  }
  return online ? 'stale' : quietUntil > 0 ? 'silent' : 'offline';
}

/**
 * Whether their position is where they are, as far as anybody knows.
 *
 * @param {State} state
 */
export const isCurrent = (state) => state === 'live' || state === 'here' || state === 'alarm';

/**
 * The alarm that a member has raised, while it is to be shown.
 *
 * @param {Member} member
 */
export const alarmOf = ({ alarm }) => (alarm && Date.now() - alarm.at < ALARM_MS ? alarm : null);

/**
 * @param {Position} a
 * @param {Position} b
 */
const isSamePlace = (a, b) => metresBetween(a, b) < Math.max(PLACE_M, a.accuracy ?? 0, b.accuracy ?? 0);
