import { copyText } from './copy.js';
import { create, setText } from './dom.js';
import { alarmOf, isCurrent, stateOf } from './family.js';
import { ago, dateTime, direction, distance, faceOf, moment, percent, side, speed } from './format.js';
import { bearing, metresBetween } from './geo.js';
import { t } from './language.js';

/**
 * @typedef {import('./family.js').Member} Member
 * @typedef {import('./contract.js').Position} Position
 *
 * @typedef {object} Row
 * @property {HTMLLIElement} item
 * @property {HTMLButtonElement} button
 * @property {HTMLElement} face
 * @property {HTMLElement} name
 * @property {HTMLElement} me
 * @property {HTMLElement} state
 * @property {HTMLElement} age
 * @property {HTMLElement} battery
 * @property {HTMLElement} charge
 * @property {HTMLElement} chargeText
 * @property {HTMLElement} more what is told of whoever is followed
 * @property {HTMLElement} facts
 * @property {HTMLButtonElement} copy
 * @property {HTMLAnchorElement} app
 * @property {HTMLButtonElement} day
 *
 * @typedef {object} Listener
 * @property {(id: string) => void} onPick
 * @property {(id: string) => void} onDay
 */

/** Below this speed somebody stands, as far as a phone can tell. */
const STANDING_MPS = 0.5;
const LOW_BATTERY = 0.2;
/** Nearer than this, a direction is a guess. */
const HERE_M = 25;

/** The list beside the map: everything the map shows, in words. */
export class MemberList {
  #list;
  #listener;
  /** @type {Map<string, Row>} */
  #rows = new Map();
  /** @type {Member[]} */
  #members = [];
  #followed = '';

  /**
   * @param {HTMLElement} list
   * @param {Listener} listener
   */
  constructor(list, listener) {
    this.#list = list;
    this.#listener = listener;
  }

  /** @param {Member[]} members in the order to show them */
  show(members) {
    this.#members = members;
    const ids = new Set(members.map((member) => member.id));
    for (const [id, row] of this.#rows) {
      if (!ids.has(id)) {
        row.item.remove();
        this.#rows.delete(id);
      }
    }
    members.forEach((member, index) => {
      const row = this.#rows.get(member.id) ?? this.#addRow(member.id);
      // Moving an element takes the focus from it: only what is out of place moves.
      if (this.#list.children[index] !== row.item) {
        this.#list.insertBefore(row.item, this.#list.children[index] ?? null);
      }
      this.update(member);
    });
  }

  /** Brings the ages up to date. */
  tick() {
    this.#members.forEach((member) => this.update(member));
  }

  /** @param {string} id of a member, or '' */
  markFollowed(id) {
    this.#followed = id;
    for (const [memberId, row] of this.#rows) {
      row.button.setAttribute('aria-pressed', String(memberId === id));
      row.more.hidden = memberId !== id;
    }
    this.tick();
    this.#rows.get(id)?.item.scrollIntoView({ block: 'nearest' });
  }

  /** @param {Member} member */
  update(member) {
    const row = this.#rows.get(member.id);
    if (!row) {
      return;
    }
    const state = stateOf(member);
    setText(row.name, member.name);
    setText(row.face, faceOf(member));
    row.face.className = `face member-colour-${member.colour}${member.emoji ? ' emoji' : ''}`;
    row.me.hidden = !member.isMe;
    row.item.dataset.state = state;
    setText(row.state, stateWords(member, state));
    setText(row.age, describe(member));
    if (member.id === this.#followed) {
      setText(row.facts, this.#facts(member));
      setText(row.day, t(member.isMe ? 'member.myDay' : 'member.day'));
      this.#showPlace(row, member);
    }
    this.#showBattery(row, member);
  }

  /**
   * Where they are, for other programs: to copy, and for the map of a phone.
   *
   * @param {Row} row
   * @param {Member} member
   */
  #showPlace(row, member) {
    const place = member.paused ? null : member.position;
    row.copy.hidden = !place;
    row.app.hidden = !place || !window.matchMedia('(pointer: coarse)').matches;
    if (place) {
      const text = coordinates(place);
      if (row.copy.value !== text) {
        row.copy.value = text;
        setText(row.copy, t('copy'));
        row.copy.setAttribute('aria-label', t('member.copy', { place: text }));
        row.app.href = /iPhone|iPad|Mac/.test(navigator.userAgent) ? `maps:?q=${text}` : `geo:${text}?q=${text}`;
      }
    }
  }

  /** @param {Member} member */
  #facts(member) {
    const { position } = member;
    if (!position || member.paused) {
      return '';
    }
    const me = this.#members.find(({ isMe }) => isMe)?.position;
    const moves = stateOf(member) === 'live' && (position.speed ?? 0) >= STANDING_MPS;
    return [
      dateTime(position.timestamp),
      me && !member.isMe && away(me, position),
      moves && position.bearing !== undefined && t('member.heading', { direction: direction(position.bearing) }),
      position.accuracy && t('member.accuracy', { distance: distance(position.accuracy) }),
    ]
      .filter(Boolean)
      .join(' · ');
  }

  /**
   * @param {Row} row
   * @param {Member} member
   */
  #showBattery(row, member) {
    const level = member.paused ? undefined : member.position?.battery;
    row.battery.hidden = level === undefined;
    if (level !== undefined) {
      const charging = member.position?.charging === true;
      row.charge.style.width = `${Math.round(level * 100)}%`;
      row.battery.classList.toggle('low', level < LOW_BATTERY && !charging);
      row.battery.classList.toggle('charging', charging);
      setText(row.chargeText, percent(level));
      const label = t(charging ? 'battery.charging' : 'battery.level', { percent: percent(level) });
      if (row.battery.title !== label) {
        row.battery.title = label;
        row.battery.setAttribute('aria-label', label); // "Battery 40%", not "40%"
        row.battery.setAttribute('role', 'img');
      }
    }
  }

  /** @param {string} id */
  #addRow(id) {
    const face = create('span', 'face');
    face.setAttribute('aria-hidden', 'true');
    const name = create('bdi', 'member-name'); // isolated: a name's direction stays its own
    const me = create('span', 'tag', t('family.you'));
    const state = create('span', 'state');
    const age = create('span', 'member-age');
    const charge = create('span', 'battery-charge');
    const chargeText = create('span', 'battery-text');
    const battery = create('span', 'battery', chargeText, create('span', 'battery-shell', charge));
    const button = create(
      'button',
      'member',
      face,
      create(
        'span',
        'member-text',
        create('span', 'member-line', name, me),
        create('span', 'member-line', state, age),
      ),
      battery,
    );
    button.type = 'button';
    button.setAttribute('aria-pressed', String(id === this.#followed));
    button.addEventListener('click', () => this.#listener.onPick(id));
    const facts = create('p', 'member-facts');
    const copy = create('button', 'button small', t('copy'));
    copy.type = 'button';
    copy.addEventListener('click', () => copyText(copy.value, copy));
    const app = create('a', 'button small', t('member.app'));
    const day = create('button', 'button small');
    day.type = 'button';
    day.addEventListener('click', () => this.#listener.onDay(id));
    const more = create('div', 'member-more', facts, create('div', 'member-actions', day, app, copy));
    more.hidden = id !== this.#followed;
    const item = create('li', 'member-item', button, more);
    const row = { item, button, face, name, me, state, age, battery, charge, chargeText, more, facts, copy, app, day };
    this.#rows.set(id, row);
    return row;
  }
}

/**
 * As maps and people write them: five digits are a metre.
 *
 * @param {Position} position
 */
const coordinates = ({ latitude, longitude }) => `${latitude.toFixed(5)},${longitude.toFixed(5)}`;

/** Who has been at a place for less has not stayed there. */
const STAYED_MS = 5 * 60_000;

/**
 * @param {Member} member
 * @param {import('./family.js').State} state
 */
function stateWords(member, state) {
  const { position, since } = member;
  const alarm = alarmOf(member);
  if (alarm) {
    return alarmWords(alarm.about);
  }
  if (state === 'here' && position && Date.parse(position.timestamp) - since > STAYED_MS) {
    return t('state.here.since', { time: moment(since) });
  }
  return t(state === 'stale' && !position ? 'state.online' : state === 'alarm' ? 'state.live' : `state.${state}`);
}

/** @param {string} about */
export const alarmWords = (about) => (about.toLowerCase() === 'sos' ? t('alarm.sos') : t('alarm', { about }));

/** @param {Member} member */
function describe(member) {
  const { position, encrypted, isMe } = member;
  if (member.paused && !alarmOf(member)) {
    return member.pausedUntil ? t('state.until', { time: moment(member.pausedUntil) }) : '';
  }
  if (encrypted) {
    return t('state.encrypted');
  }
  if (!position) {
    return t(isMe ? 'state.notOnMap' : 'state.nowhere');
  }
  const age = ago(Date.now() - Date.parse(position.timestamp));
  const state = stateOf(member);
  const moves = state === 'live' && (position.speed ?? 0) >= STANDING_MPS;
  return moves ? `${age} · ${speed(position.speed ?? 0)}` : state === 'here' ? t('state.updated', { ago: age }) : age;
}

/**
 * @param {Position} me
 * @param {Position} them
 */
function away(me, them) {
  const metres = metresBetween(me, them);
  return metres < HERE_M
    ? t('member.here')
    : t('member.away', { distance: distance(metres), direction: side(bearing(me, them)) });
}
