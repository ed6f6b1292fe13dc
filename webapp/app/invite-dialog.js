import * as api from './api.js';
import { byId, setText } from './dom.js';
import { dateTime } from './format.js';
import { t } from './language.js';

/** @typedef {import('draugar').Invite} Invite */

/** Modules of white around a QR code (ISO/IEC 18004). */
const QUIET_ZONE = 4;

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
    this.#copy.addEventListener('click', () => this.#copyLink(), { signal: until });
    this.#share.addEventListener('click', () => this.#shareLink(), { signal: until });
    this.#link.addEventListener('focus', () => this.#link.select(), { signal: until });
  }

  async open() {
    this.#result.hidden = true;
    this.#qr.hidden = true;
    setText(this.#problem, '');
    setText(this.#copied, '');
    setText(this.#copy, t('invite.copy'));
    this.#share.disabled = true;
    this.#dialog.showModal();
    try {
      this.#show(await api.invite(this.#token));
      this.#draw(await api.qrCode(this.#token, this.#link.value));
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

  /** @param {import('draugar').QrCode} code */
  #draw({ size, path }) {
    const drawing = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    const whole = size + 2 * QUIET_ZONE;
    drawing.setAttribute('viewBox', `${-QUIET_ZONE} ${-QUIET_ZONE} ${whole} ${whole}`);
    drawing.setAttribute('aria-hidden', 'true');
    const dark = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    dark.setAttribute('d', path);
    drawing.append(dark);
    this.#qr.replaceChildren(drawing);
    this.#qr.hidden = false;
  }

  async #copyLink() {
    this.#link.select();
    try {
      await navigator.clipboard.writeText(this.#link.value);
    } catch {
      // Plain http has no clipboard; the old way works there.
      if (!document.execCommand('copy')) {
        setText(this.#copied, t('invite.selected'));
        return;
      }
    }
    setText(this.#copy, t('invite.copied'));
    setText(this.#copied, t('invite.copied'));
  }

  async #shareLink() {
    try {
      await navigator.share({ title: 'Draugar', text: t('invite.shareText'), url: this.#link.value });
    } catch {
      // Closed without sharing: the link is still there to copy.
    }
  }
}
