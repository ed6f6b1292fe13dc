import * as api from './api.js';
import { askFirst } from './confirm.js';
import { byId, create, setText } from './dom.js';
import { ago, date, faceOf, percent } from './format.js';
import { FamilySetting } from './family-setting.js';
import { t } from './language.js';
import { openDialog } from './layers.js';
import { MemberDialog } from './member-dialog.js';
import { APPS, TrackerDialog } from './tracker-dialog.js';

/**
 * @typedef {import('./contract.js').Device} Device
 * @typedef {import('./contract.js').Tracker} Tracker
 * @typedef {import('./family.js').Family} Family
 * @typedef {import('./family.js').Member} Member
 */

/**
 * The members, their devices and trackers, and the way out for each. An admin sees everybody's devices, others their
 * own, and everybody the trackers that are shown to the family.
 */
export class FamilyDialog {
  #token;
  #family;
  #dialog = byId('family-dialog', HTMLDialogElement);
  #list = byId('family-members');
  #problem = byId('family-problem');
  /** @type {Device[]} */
  #devices = [];
  /** @type {Tracker[]} */
  #trackers = [];
  #trackerDialog;
  #memberDialog;
  #setting;
  #onDevice;

  /**
   * @param {string} token
   * @param {Family} family
   * @param {AbortSignal} until
   * @param {(member: Member) => void} onDevice one more device of a member's is to be signed in
   */
  constructor(token, family, until, onDevice) {
    this.#token = token;
    this.#family = family;
    this.#onDevice = onDevice;
    this.#memberDialog = new MemberDialog(token, family, until);
    this.#setting = new FamilySetting(token, family, until);
    byId('family-device').addEventListener('click', () => onDevice(family.me), { signal: until });
    this.#trackerDialog = new TrackerDialog(token, until, () => this.refresh());
    byId('family-tracker').addEventListener('click', () => this.addTracker(), { signal: until });
    byId('family-close').addEventListener('click', () => this.close(), { signal: until });
    family.addEventListener('members', () => this.#dialog.open && this.#show(), { signal: until });
  }

  changeMe() {
    this.#memberDialog.open(this.#family.me);
  }

  addTracker() {
    this.#trackerDialog.open();
  }

  async open() {
    this.#list.replaceChildren();
    openDialog(this.#dialog);
    await this.#load();
  }

  /** To be called when something is new with a tracker. */
  refresh() {
    this.#trackerDialog.refresh();
    if (this.#dialog.open) {
      this.#load();
    }
  }

  close() {
    this.#dialog.close();
  }

  async #load() {
    setText(this.#problem, '');
    try {
      [{ devices: this.#devices }, { trackers: this.#trackers }] = await Promise.all([
        api.devices(this.#token),
        api.trackers(this.#token),
        this.#loadMembers(),
      ]);
      await this.#setting.load();
      this.#show();
    } catch (problem) {
      setText(this.#problem, api.wordsFor(problem));
    }
  }

  async #loadMembers() {
    this.#family.setMembers((await api.members(this.#token)).users);
  }

  #show() {
    const buttons = this.#list.getElementsByTagName('button');
    const focused = [...buttons].findIndex((button) => button === document.activeElement);
    const iAmAdmin = this.#family.members.some(({ isMe, admin }) => isMe && admin);
    this.#list.replaceChildren(...this.#family.members.map((member) => this.#describe(member, iAmAdmin)));
    buttons[focused]?.focus();
  }

  /**
   * @param {Member} member
   * @param {boolean} iAmAdmin
   */
  #describe(member, iAmAdmin) {
    const face = create('span', `face member-colour-${member.colour}${member.emoji ? ' emoji' : ''}`, faceOf(member));
    face.setAttribute('aria-hidden', 'true');
    const head = create('div', 'person-head', face, create('bdi', 'person-name', member.name));
    if (member.isMe) {
      head.append(create('span', 'tag', t('family.you')));
    }
    if (member.admin) {
      head.append(create('span', 'tag', t('family.admin')));
    }
    const mayRemove = iAmAdmin || member.isMe;
    if (mayRemove) {
      head.append(this.#button('member.edit', member.name, () => this.#memberDialog.open(member)));
    }
    const person = create('li', 'person', head);
    if (iAmAdmin && !member.isMe) {
      person.append(
        create(
          'div',
          'person-actions',
          this.#button('wayIn', member.name, () => this.#onDevice(member)),
          this.#button('family.remove', member.name, () => this.#askToRemove(member)),
        ),
      );
    }
    const trackers = this.#trackers.filter(({ userId }) => userId === member.id);
    const devices = this.#devices.filter(
      ({ id, userId }) => userId === member.id && !trackers.some((tracker) => tracker.id === id),
    );
    const items = [
      ...devices.map((device) => this.#describeDevice(member, device)),
      ...trackers.map((tracker) => this.#describeTracker(member, tracker, mayRemove)),
    ];
    if (items.length > 0) {
      person.append(create('ul', 'devices', ...items));
    } else if (mayRemove) {
      person.append(create('p', 'hint', t('family.device.none')));
    }
    return person;
  }

  /**
   * @param {Member} member
   * @param {Device} device
   */
  #describeDevice(member, device) {
    const seen = ago(Date.now() - Date.parse(device.lastSeenAt));
    const since = date(device.createdAt);
    const words = create(
      'span',
      'device-words',
      create('bdi', 'tracker-name', device.name),
      create('span', 'tracker-facts', t(device.current ? 'family.device.now' : 'family.device', { since, seen })),
    );
    if (device.current) {
      words.children[0].after(' ', create('span', 'tag', t('family.device.this')));
    }
    const item = create('li', 'device', words);
    item.append(this.#button('device.rename', device.name, () => this.#rename(item, device)));
    if (!device.current) {
      item.append(this.#button('family.signOut', member.name, () => this.#askToSignOut(member, device)));
    }
    return item;
  }

  /**
   * Puts a field in the place of a device's name.
   *
   * @param {HTMLElement} item
   * @param {Device} device
   */
  #rename(item, { id, name }) {
    const field = create('input', '');
    field.value = name;
    field.maxLength = 128;
    field.dir = 'auto';
    field.setAttribute('aria-label', t('device.name'));
    const save = create('button', 'button', t('button.save'));
    save.type = 'submit';
    const form = create('form', 'copy-row', field, save);
    form.noValidate = true;
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      try {
        await api.renameDevice(this.#token, id, field.value);
        await this.#load();
      } catch (problem) {
        setText(this.#problem, api.wordsFor(problem));
      }
    });
    item.replaceChildren(form);
    field.select();
  }

  /**
   * @param {Member} member
   * @param {Tracker} tracker
   * @param {boolean} mayRemove
   */
  #describeTracker(member, tracker, mayRemove) {
    const { name, app, state, contactAt, battery, charging, trouble } = tracker;
    const level = battery === undefined ? '' : percent(battery);
    const facts = [
      APPS[app],
      contactAt && t('tracker.contact', { ago: ago(Date.now() - Date.parse(contactAt)) }),
      level && t(charging ? 'battery.charging' : 'battery.level', { percent: level }),
    ];
    const words = create('span', 'device-words', create('bdi', 'tracker-name', name));
    if (state !== 'fine') {
      words.append(' ', create('span', `tag tracker-${state}`, t(`tracker.state.${state}`)));
    }
    words.append(create('span', 'tracker-facts', facts.filter(Boolean).join(' · ')));
    if (trouble) {
      words.append(create('span', 'tracker-facts', trouble));
    }
    const item = create('li', 'device tracker', words);
    if (member.isMe) {
      item.append(this.#button('tracker.change', name, () => this.#trackerDialog.open(tracker)));
    }
    if (mayRemove) {
      item.append(this.#button('family.remove', name, () => this.#askToRemoveTracker(tracker)));
    }
    return item;
  }

  /**
   * @param {'family.remove' | 'family.signOut' | 'tracker.change' | 'member.edit' | 'wayIn' | 'device.rename'} key
   * @param {string} name
   * @param {() => void} action
   */
  #button(key, name, action) {
    const button = create('button', 'button small', t(key));
    button.type = 'button';
    button.setAttribute('aria-label', `${t(key)}: ${name}`);
    button.addEventListener('click', action);
    return button;
  }

  /** @param {Member} member */
  #askToRemove({ id, name }) {
    askFirst({
      title: t('family.remove.title', { name }),
      text: t('family.remove.text', { name }),
      button: t('family.remove'),
      action: async () => {
        await api.removeMember(this.#token, id);
        await this.#load();
      },
    });
  }

  /**
   * @param {Member} member
   * @param {Device} device
   */
  #askToSignOut({ name }, { id }) {
    askFirst({
      title: t('family.signOut.title', { name }),
      text: t('family.signOut.text', { name }),
      button: t('family.signOut'),
      action: async () => {
        await api.signOut(this.#token, id);
        await this.#load();
      },
    });
  }

  /** @param {Tracker} tracker */
  #askToRemoveTracker({ id, name }) {
    askFirst({
      title: t('tracker.remove.title', { name }),
      text: t('tracker.remove.text'),
      button: t('family.remove'),
      action: async () => {
        await api.signOut(this.#token, id);
        await this.#load();
      },
    });
  }
}
