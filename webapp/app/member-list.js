import { create, setText } from './dom.js';
import { isFresh } from './family.js';
import { ago, initials, percent, speed } from './format.js';

/**
 * @typedef {import('./family.js').Member} Member
 *
 * @typedef {object} Row
 * @property {HTMLLIElement} item
 * @property {HTMLButtonElement} button
 * @property {HTMLElement} face
 * @property {HTMLElement} name
 * @property {HTMLElement} me
 * @property {HTMLElement} presence
 * @property {HTMLElement} details
 * @property {HTMLElement} battery
 * @property {HTMLElement} charge
 * @property {HTMLElement} chargeText
 */

/** Below this speed somebody stands, as far as a phone can tell. */
const STANDING_MPS = 0.5;
const LOW_BATTERY = 0.2;

/** The list beside the map: everything the map shows, in words. */
export class MemberList {
  #list;
  #onPick;
  /** @type {Map<string, Row>} */
  #rows = new Map();
  /** @type {Member[]} */
  #members = [];

  /**
   * @param {HTMLElement} list
   * @param {(id: string) => void} onPick
   */
  constructor(list, onPick) {
    this.#list = list;
    this.#onPick = onPick;
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

  /** @param {string | null} id */
  markFollowed(id) {
    for (const [memberId, row] of this.#rows) {
      row.button.setAttribute('aria-pressed', String(memberId === id));
    }
  }

  /** @param {Member} member */
  update(member) {
    const row = this.#rows.get(member.id);
    if (!row) {
      return;
    }
    setText(row.name, member.name);
    setText(row.face, initials(member.name));
    row.face.className = `face member-colour-${member.colour}`;
    row.me.hidden = !member.isMe;
    row.presence.classList.toggle('online', member.online);
    setText(row.presence, member.online ? 'Online' : 'Offline');
    setText(row.details, describe(member));
    row.item.classList.toggle('stale', !member.position || !isFresh(member.position));
    row.button.setAttribute('aria-disabled', String(!member.position));
    this.#showBattery(row, member);
  }

  /**
   * @param {Row} row
   * @param {Member} member
   */
  #showBattery(row, member) {
    const level = member.position?.battery;
    row.battery.hidden = level === undefined;
    if (level !== undefined) {
      const charging = member.position?.charging === true;
      row.charge.style.width = percent(level).replace(' ', '');
      row.battery.classList.toggle('low', level < LOW_BATTERY && !charging);
      row.battery.classList.toggle('charging', charging);
      setText(row.chargeText, percent(level));
      row.battery.title = charging ? 'Battery, charging' : 'Battery';
    }
  }

  /** @param {string} id */
  #addRow(id) {
    const face = create('span', 'face');
    face.setAttribute('aria-hidden', 'true');
    const name = create('bdi', 'member-name'); // isolated: a name's direction stays its own
    const me = create('span', 'tag', 'you');
    const presence = create('span', 'presence');
    const details = create('span', 'member-details');
    const charge = create('span', 'battery-charge');
    const shell = create('span', 'battery-shell', charge);
    const chargeText = create('span', 'battery-text');
    const battery = create('span', 'battery', chargeText, shell);
    const button = create(
      'button',
      'member',
      face,
      create(
        'span',
        'member-text',
        create('span', 'member-line', name, me),
        create('span', 'member-line', presence, details),
      ),
      battery,
    );
    button.type = 'button';
    button.setAttribute('aria-pressed', 'false');
    button.addEventListener('click', () => {
      if (button.getAttribute('aria-disabled') === 'false') {
        this.#onPick(id);
      }
    });
    const item = create('li', '', button);
    const row = { item, button, face, name, me, presence, details, battery, charge, chargeText };
    this.#rows.set(id, row);
    return row;
  }
}

/** @param {Member} member */
function describe({ position, encrypted, isMe }) {
  if (encrypted) {
    return 'end-to-end encrypted';
  }
  if (!position) {
    return isMe ? 'not on the map' : 'no position yet';
  }
  const age = ago(Date.now() - Date.parse(position.timestamp));
  const moving = isFresh(position) && (position.speed ?? 0) >= STANDING_MPS;
  return moving ? `${age} · ${speed(position.speed ?? 0)}` : age;
}
