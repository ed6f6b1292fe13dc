import * as api from './api.js';
import { askFirst } from './confirm.js';
import { byId, create, setText } from './dom.js';
import { ago, date, initials } from './format.js';
import { t } from './language.js';

/**
 * @typedef {import('./contract.js').Device} Device
 * @typedef {import('./family.js').Family} Family
 * @typedef {import('./family.js').Member} Member
 */

/** The members and their devices, and the way out for either. An admin sees everybody's, others their own. */
export class FamilyDialog {
  #token;
  #family;
  #dialog = byId('family-dialog', HTMLDialogElement);
  #list = byId('family-members');
  #problem = byId('family-problem');
  /** @type {Device[]} */
  #devices = [];

  /**
   * @param {string} token
   * @param {Family} family
   * @param {AbortSignal} until
   */
  constructor(token, family, until) {
    this.#token = token;
    this.#family = family;
    byId('family-close').addEventListener('click', () => this.close(), { signal: until });
    family.addEventListener('members', () => this.#dialog.open && this.#show(), { signal: until });
  }

  async open() {
    this.#list.replaceChildren();
    this.#dialog.showModal();
    await this.#load();
  }

  close() {
    this.#dialog.close();
  }

  async #load() {
    setText(this.#problem, '');
    try {
      [{ devices: this.#devices }] = await Promise.all([api.devices(this.#token), this.#loadMembers()]);
      this.#show();
    } catch (problem) {
      setText(this.#problem, api.wordsFor(problem));
    }
  }

  async #loadMembers() {
    this.#family.setMembers((await api.members(this.#token)).users);
  }

  #show() {
    const iAmAdmin = this.#family.members.some(({ isMe, admin }) => isMe && admin);
    this.#list.replaceChildren(...this.#family.members.map((member) => this.#describe(member, iAmAdmin)));
  }

  /**
   * @param {Member} member
   * @param {boolean} iAmAdmin
   */
  #describe(member, iAmAdmin) {
    const face = create('span', `face member-colour-${member.colour}`, initials(member.name));
    face.setAttribute('aria-hidden', 'true');
    const head = create('div', 'person-head', face, create('bdi', 'person-name', member.name));
    if (member.isMe) {
      head.append(create('span', 'tag', t('family.you')));
    }
    if (member.admin) {
      head.append(create('span', 'tag', t('family.admin')));
    }
    if (iAmAdmin && !member.isMe) {
      head.append(this.#button('family.remove', member.name, () => this.#askToRemove(member)));
    }
    const person = create('li', 'person', head);
    if (iAmAdmin || member.isMe) {
      const devices = this.#devices.filter(({ userId }) => userId === member.id);
      person.append(
        devices.length > 0
          ? create('ul', 'devices', ...devices.map((device) => this.#describeDevice(member, device)))
          : create('p', 'hint', t('family.device.none')),
      );
    }
    return person;
  }

  /**
   * @param {Member} member
   * @param {Device} device
   */
  #describeDevice(member, device) {
    const words = t('family.device', {
      since: date(device.createdAt),
      seen: ago(Date.now() - Date.parse(device.lastSeenAt)),
    });
    const item = create('li', 'device', create('span', 'device-words', words));
    item.append(
      device.current
        ? create('span', 'tag', t('family.device.this'))
        : this.#button('family.signOut', member.name, () => this.#askToSignOut(member, device)),
    );
    return item;
  }

  /**
   * @param {'family.remove' | 'family.signOut'} key
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
}
