import * as api from './api.js';
import { copy } from './copy.js';
import { byId, create, setText } from './dom.js';
import { dateTime, moment } from './format.js';
import { t } from './language.js';
import { openDialog } from './layers.js';
import { drawQrCode } from './qr-code.js';

/** @typedef {import('draugar').Invite} Invite */
/** @typedef {import('draugar').OpenInvite} OpenInvite */
/** @typedef {import('./family.js').Family} Family */

/**
 * Makes an invite, or a code for one more device of a member, and shows it as a link to copy and a QR code to scan;
 * lists the open invites, to withdraw them.
 */
export class InviteDialog {
  #token;
  #family;
  #dialog = byId('invite-dialog', HTMLDialogElement);
  #result = byId('invite-result');
  #link = byId('invite-link', HTMLInputElement);
  #copy = byId('invite-copy', HTMLButtonElement);
  #copied = byId('invite-copied');
  #problem = byId('invite-problem');
  #share = byId('invite-share', HTMLButtonElement);
  #qr = byId('invite-qr');
  #list = byId('invite-list');
  /** @type {Invite | null} what this page made last: shown again while nobody has used it */
  #made = null;

  /**
   * @param {string} token
   * @param {Family} family
   * @param {AbortSignal} until
   */
  constructor(token, family, until) {
    this.#token = token;
    this.#family = family;
    this.#share.hidden = typeof navigator.share !== 'function';
    byId('invite-close').addEventListener('click', () => this.#dialog.close(), { signal: until });
    this.#copy.addEventListener('click', () => copy(this.#link, this.#copy, this.#copied), { signal: until });
    this.#share.addEventListener('click', () => this.#shareLink(), { signal: until });
    this.#link.addEventListener('focus', () => this.#link.select(), { signal: until });
  }

  /** @param {import('./family.js').Member} [member] whose next device it signs in; without one, somebody new joins */
  async open(member) {
    const kind = !member ? 'invite' : member.isMe ? 'device' : 'wayIn';
    const name = member?.name ?? '';
    setText(byId('invite-title'), t(kind === 'invite' ? 'invite.title' : `${kind}.title`, { name }));
    setText(byId('invite-lead'), t(kind === 'invite' ? 'invite.lead' : `${kind}.lead`, { name }));
    byId('invite-others').hidden = true;
    this.#result.hidden = true;
    this.#qr.hidden = true;
    setText(this.#problem, '');
    setText(this.#copied, '');
    setText(this.#copy, t('copy'));
    this.#share.disabled = true;
    openDialog(this.#dialog);
    try {
      if (member) {
        this.#show(await api.deviceCode(this.#token, member.id));
      } else {
        await this.#listOpen();
        this.#made ??= await api.invite(this.#token);
        this.#show(this.#made);
      }
      drawQrCode(this.#qr, await api.qrCode(this.#token, this.#link.value));
    } catch (problem) {
      setText(this.#problem, api.wordsFor(problem));
    }
  }

  /** Shows the open ones but for that which this dialog holds, and forgets that once it is used. */
  async #listOpen() {
    byId('invite-others').hidden = true;
    const { invites } = await api.openInvites(this.#token);
    if (!invites.some(({ id }) => id === this.#made?.id)) {
      this.#made = null;
    }
    const others = invites.filter(({ id }) => id !== this.#made?.id);
    this.#list.replaceChildren(...others.map((invite) => this.#describe(invite)));
    byId('invite-others').hidden = others.length === 0;
  }

  /** @param {OpenInvite} invite */
  #describe({ id, userId, expiresAt }) {
    const name = this.#family.get(userId)?.name ?? '';
    const words = t('invite.other', { name, time: dateTime(expiresAt) });
    const button = create('button', 'button small', t('invite.withdraw'));
    button.type = 'button';
    button.setAttribute('aria-label', `${t('invite.withdraw')}: ${words}`);
    button.addEventListener('click', () => this.#withdraw(id));
    return create('li', 'device', create('span', 'device-words', words), button);
  }

  /** @param {string} id */
  async #withdraw(id) {
    setText(this.#problem, '');
    try {
      await api.withdrawInvite(this.#token, id);
    } catch (problem) {
      setText(this.#problem, api.wordsFor(problem));
    }
    await this.#listOpen().catch(() => {}); // what was wrong stands there already
    byId('invite-title').focus();
  }

  /** @param {Invite | import('draugar').DeviceCode} invite */
  #show({ code, link, expiresAt }) {
    this.#link.value = link ?? new URL(`./#/join/${encodeURIComponent(code)}`, document.baseURI).href;
    setText(byId('invite-code'), code.replace(/(.{4})(?=.)/g, '$1 '));
    setText(byId('invite-expiry'), t('invite.until', { time: moment(expiresAt) }));
    const local = byId('invite-local');
    const here = ['localhost', '127.0.0.1', '[::1]'].includes(location.hostname);
    const plain = this.#link.value.startsWith('http://');
    local.hidden = (link !== undefined || !here) && !plain;
    setText(local, here && !link ? t('invite.local', { host: location.hostname }) : t('invite.plain'));
    this.#result.hidden = false;
    this.#share.disabled = false;
    this.#copy.focus();
  }

  async #shareLink() {
    try {
      await navigator.share({ title: 'Draugar', text: t('invite.shareText'), url: this.#link.value });
    } catch {
      // Closed without sharing: the link is still there to copy.
    }
  }
}
