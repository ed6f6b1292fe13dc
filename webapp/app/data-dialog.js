import * as api from './api.js';
import { askFirst } from './confirm.js';
import { byId, create, setText } from './dom.js';
import { bytes, count } from './format.js';
import { t } from './language.js';
import { openDialog } from './layers.js';
import { saveFile } from './save-file.js';

/**
 * @typedef {import('./family.js').Family} Family
 * @typedef {import('draugar').Import} Import
 */

const LOOK_MS = 1_000;

/** What is mine to bring in, take along, send elsewhere and delete. */
export class DataDialog {
  #token;
  #family;
  #onRemoved;
  #dialog = byId('data-dialog', HTMLDialogElement);
  #files = byId('data-files', HTMLInputElement);
  #imports = byId('data-imports');
  #url = byId('data-webhook-url', HTMLInputElement);
  #problem = byId('data-problem');
  #export = byId('data-export', HTMLButtonElement);

  /**
   * @param {string} token
   * @param {Family} family
   * @param {AbortSignal} until
   * @param {() => void} onRemoved I am no member any more
   */
  constructor(token, family, until, onRemoved) {
    this.#token = token;
    this.#family = family;
    this.#onRemoved = onRemoved;
    /** @type {(id: string, type: string, action: (event: Event) => void) => void} */
    const on = (id, type, action) => byId(id).addEventListener(type, action, { signal: until });
    on('data-files', 'change', () => this.#bringIn());
    on('data-export', 'click', () => this.#takeAlong());
    on('data-delete', 'click', () => this.#askToDelete());
    on('data-remove', 'click', () => this.#askToRemoveMe());
    on('data-close', 'click', () => this.#dialog.close());
    on('data-webhook-remove', 'click', () => this.#webhook(() => api.removeWebhook(token)));
    on('data-webhook-form', 'submit', (event) => {
      event.preventDefault();
      this.#webhook(() => api.setWebhook(token, this.#url.value.trim()));
    });
  }

  async open() {
    setText(this.#problem, '');
    openDialog(this.#dialog);
    try {
      await Promise.all([this.#showImports(), this.#showWebhook()]);
    } catch (problem) {
      setText(this.#problem, api.wordsFor(problem));
    }
  }

  async #showImports() {
    const { imports } = await api.imports(this.#token, this.#family.me.id);
    this.#imports.replaceChildren(...imports.map(describe));
  }

  /** One file after the other; how far each has come is asked for meanwhile. */
  async #bringIn() {
    const files = [...(this.#files.files ?? [])];
    setText(this.#problem, '');
    this.#files.disabled = true;
    const watch = setInterval(() => this.#showImports().catch(() => {}), LOOK_MS);
    try {
      for (const file of files) {
        await api.importFile(this.#token, this.#family.me.id, file);
      }
    } catch (problem) {
      setText(this.#problem, api.wordsFor(problem));
    } finally {
      clearInterval(watch);
      this.#files.disabled = false;
      this.#files.value = '';
      await this.#showImports().catch(() => {});
    }
  }

  async #takeAlong() {
    setText(this.#problem, '');
    this.#export.disabled = true;
    setText(this.#export, t('data.export.running'));
    try {
      saveFile(await api.everything(this.#token, this.#family.me.id), `draugar ${this.#family.me.name}.zip`);
    } catch (problem) {
      setText(this.#problem, api.wordsFor(problem));
    } finally {
      this.#export.disabled = false;
      setText(this.#export, t('data.export.do'));
    }
  }

  async #showWebhook() {
    const { url = '', trouble = '', origins } = await api.webhook(this.#token);
    const possible = origins.length > 0;
    byId('data-webhook-form').hidden = !possible;
    setText(
      byId('data-webhook-hint'),
      possible ? t('data.webhook.hint', { origins: origins.join(', ') }) : t('data.webhook.none'),
    );
    this.#url.value = url;
    byId('data-webhook-remove').hidden = !url;
    setText(byId('data-webhook-state'), trouble || (url ? t('data.webhook.on') : ''));
  }

  /** @param {() => Promise<unknown>} change */
  async #webhook(change) {
    try {
      await change();
      await this.#showWebhook();
    } catch (problem) {
      setText(byId('data-webhook-state'), api.wordsFor(problem));
    }
  }

  #askToDelete() {
    askFirst({
      title: t('data.delete.all.title'),
      text: t('data.delete.all.text'),
      button: t('button.delete'),
      action: () => api.deleteAllLocations(this.#token, this.#family.me.id),
    });
  }

  #askToRemoveMe() {
    askFirst({
      title: t('data.delete.me.title'),
      text: this.#family.members.length > 1 ? t('data.delete.me.text') : t('data.delete.last.text'),
      button: t('button.delete'),
      action: async () => {
        await api.removeMember(this.#token, this.#family.me.id);
        this.#onRemoved();
      },
    });
  }
}

/** @param {Import} one */
function describe({ name, status, bytes: read, format = '', understood, added, tooOld, notUnderstood, message = '' }) {
  const found = t('data.import.found', { understood: count(understood), added: count(added) });
  const facts = [
    status === 'running' && t('data.import.running', { read: bytes(read) }),
    status === 'failed' && (message || t('data.import.failed')),
    format,
    found,
    tooOld > 0 && t('data.import.tooOld', { count: count(tooOld) }),
    ...notUnderstood.map((kind) => `${kind.what}: ${count(kind.count)}${kind.first ? ` (${kind.first})` : ''}`),
  ];
  const item = create('li', 'import', create('bdi', 'tracker-name', name));
  item.dataset.status = status;
  item.append(...facts.filter(Boolean).map((fact) => create('span', 'tracker-facts', String(fact))));
  return item;
}
