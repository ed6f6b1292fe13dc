import * as api from './api.js';
import { byId, create, setText } from './dom.js';
import { t } from './language.js';
import { openDialog } from './layers.js';

/**
 * @typedef {import('./family.js').Family} Family
 * @typedef {import('./family.js').Member} Member
 */

/** As many as app.css has. */
const COLOURS = 10;

/** A member's name, colour and emoji; for admins, whether they are one too. */
export class MemberDialog {
  #token;
  #family;
  #dialog = byId('member-dialog', HTMLDialogElement);
  #form = byId('member-form', HTMLFormElement);
  #name = byId('member-name', HTMLInputElement);
  #emoji = byId('member-emoji', HTMLInputElement);
  #admin = byId('member-admin', HTMLInputElement);
  #save = byId('member-save', HTMLButtonElement);
  #problem = byId('member-problem');
  #colours;
  /** @type {Member | null} */
  #member = null;

  /**
   * @param {string} token
   * @param {Family} family
   * @param {AbortSignal} until
   */
  constructor(token, family, until) {
    this.#token = token;
    this.#family = family;
    this.#colours = Array.from({ length: COLOURS }, (_, colour) => {
      const input = create('input', '');
      input.type = 'radio';
      input.name = 'colour';
      input.value = String(colour);
      input.setAttribute('aria-label', t('member.colour.number', { number: colour + 1 }));
      return input;
    });
    byId('member-colours').replaceChildren(
      ...this.#colours.map((input, colour) => create('label', `colour member-colour-${colour}`, input)),
    );
    byId('member-cancel').addEventListener('click', () => this.#dialog.close(), { signal: until });
    this.#form.addEventListener(
      'submit',
      (event) => {
        event.preventDefault();
        this.#submit();
      },
      { signal: until },
    );
  }

  /** @param {Member} member */
  open(member) {
    this.#member = member;
    setText(byId('member-title'), member.isMe ? t('member.mine') : t('member.change', { name: member.name }));
    this.#name.value = member.name;
    this.#emoji.value = member.emoji ?? '';
    this.#colours[member.colour].checked = true;
    this.#admin.checked = member.admin;
    byId('member-admin-line').hidden = !this.#family.me.admin;
    setText(this.#problem, '');
    openDialog(this.#dialog);
  }

  async #submit() {
    const member = this.#member;
    if (!member) {
      return;
    }
    setText(this.#problem, '');
    this.#save.disabled = true;
    try {
      await api.changeMember(this.#token, member.id, {
        name: this.#name.value,
        colour: this.#colours.findIndex(({ checked }) => checked),
        emoji: this.#emoji.value.trim(),
        // Only an admin may say it at all.
        ...(this.#family.me.admin && { role: this.#admin.checked ? 'admin' : 'member' }),
      });
      this.#family.setMembers((await api.members(this.#token)).users);
      this.#dialog.close();
    } catch (problem) {
      setText(this.#problem, api.wordsFor(problem));
    } finally {
      this.#save.disabled = false;
    }
  }
}
