import * as api from './api.js';
import { byId, setText } from './dom.js';
import { dateTime } from './format.js';

/** Makes an invite and shows it as a link to copy. */
export class InviteDialog {
  #token;
  #dialog = byId('invite-dialog', HTMLDialogElement);
  #result = byId('invite-result');
  #link = byId('invite-link', HTMLInputElement);
  #copy = byId('invite-copy', HTMLButtonElement);
  #copied = byId('invite-copied');
  #problem = byId('invite-problem');
  #share = byId('invite-share', HTMLButtonElement);

  /**
   * @param {string} token
   * @param {AbortSignal} until
   */
  constructor(token, until) {
    this.#token = token;
    this.#share.hidden = typeof navigator.share !== 'function';
    byId('invite-close').addEventListener('click', () => this.close(), { signal: until });
    this.#copy.addEventListener('click', () => this.#copyLink(), { signal: until });
    this.#share.addEventListener('click', () => this.#shareLink(), { signal: until });
    this.#link.addEventListener('focus', () => this.#link.select(), { signal: until });
  }

  async open() {
    this.#result.hidden = true;
    setText(this.#problem, '');
    setText(this.#copied, '');
    setText(this.#copy, 'Copy');
    this.#share.disabled = true;
    this.#dialog.showModal();
    try {
      this.#show(await api.invite(this.#token));
    } catch (problem) {
      setText(this.#problem, problem instanceof Error ? problem.message : String(problem));
    }
  }

  close() {
    this.#dialog.close();
  }

  /** @param {{code: string, expiresAt: string}} invite */
  #show({ code, expiresAt }) {
    this.#link.value = new URL(`./#/join/${encodeURIComponent(code)}`, document.baseURI).href;
    setText(byId('invite-code'), code.replace(/(.{5})(?=.)/g, '$1 '));
    setText(byId('invite-expiry'), `Good until ${dateTime(expiresAt)}.`);
    const local = byId('invite-local');
    local.hidden = !['localhost', '127.0.0.1', '[::1]'].includes(location.hostname);
    setText(
      local,
      `This link leads to ${location.hostname}, which is this very computer. For other devices, open Draugar under an address that they reach and invite from there.`,
    );
    this.#result.hidden = false;
    this.#share.disabled = false;
    this.#copy.focus();
  }

  async #copyLink() {
    this.#link.select();
    try {
      await navigator.clipboard.writeText(this.#link.value);
    } catch {
      // Plain http has no clipboard; the old way works there.
      if (!document.execCommand('copy')) {
        setText(this.#copied, 'The link is selected: copy it with your keyboard.');
        return;
      }
    }
    setText(this.#copy, 'Copied');
    setText(this.#copied, 'Link copied');
  }

  async #shareLink() {
    try {
      await navigator.share({ title: 'Draugar', text: 'Join our family on Draugar', url: this.#link.value });
    } catch {
      // Closed without sharing: the link is still there to copy.
    }
  }
}
