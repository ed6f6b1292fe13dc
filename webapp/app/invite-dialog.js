import * as api from './api.js';
import { copy } from './copy.js';
import { byId, setText } from './dom.js';
import { dateTime } from './format.js';
import { t } from './language.js';
import { drawQrCode } from './qr-code.js';

/** @typedef {import('draugar').Invite} Invite */

/** Makes an invite and shows it as a link to copy and a QR code to scan. */
export class InviteDialog {
  #token;
  #dialog = byId('invite-dialog', HTMLDialogElement);
  #result = byId('invite-result');
  #link = byId('invite-link', HTMLInputElement);
  #copy = byId('invite-copy', HTMLButtonElement);
  #copied = byId('invite-copied');
  #problem = byId('invite-problem');
  #share = byId('invite-share', HTMLButtonElement);
  #qr = byId('invite-qr');

  /**
   * @param {string} token
   * @param {AbortSignal} until
   */
  constructor(token, until) {
    this.#token = token;
    this.#share.hidden = typeof navigator.share !== 'function';
    byId('invite-close').addEventListener('click', () => this.#dialog.close(), { signal: until });
    this.#copy.addEventListener('click', () => copy(this.#link, this.#copy, this.#copied), { signal: until });
    this.#share.addEventListener('click', () => this.#shareLink(), { signal: until });
    this.#link.addEventListener('focus', () => this.#link.select(), { signal: until });
  }

  async open() {
    this.#result.hidden = true;
    this.#qr.hidden = true;
    setText(this.#problem, '');
    setText(this.#copied, '');
    setText(this.#copy, t('copy'));
    this.#share.disabled = true;
    this.#dialog.showModal();
    try {
      this.#show(await api.invite(this.#token));
      drawQrCode(this.#qr, await api.qrCode(this.#token, this.#link.value));
    } catch (problem) {
      setText(this.#problem, api.wordsFor(problem));
    }
  }

  /** @param {Invite} invite */
  #show({ code, expiresAt }) {
    this.#link.value = new URL(`./#/join/${encodeURIComponent(code)}`, document.baseURI).href;
    setText(byId('invite-code'), code.replace(/(.{5})(?=.)/g, '$1 '));
    setText(byId('invite-expiry'), t('invite.until', { time: dateTime(expiresAt) }));
    const local = byId('invite-local');
    local.hidden = !['localhost', '127.0.0.1', '[::1]'].includes(location.hostname);
    setText(local, t('invite.local', { host: location.hostname }));
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
