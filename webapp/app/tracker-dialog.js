import * as api from './api.js';
import { copy } from './copy.js';
import { byId, create, setText } from './dom.js';
import { duration } from './format.js';
import { t } from './language.js';
import { openDialog } from './layers.js';
import { drawQrCode } from './qr-code.js';

/**
 * @typedef {import('draugar').SetUp} SetUp
 * @typedef {import('draugar').Tracker} Tracker
 */

/** The apps by the names that they have everywhere. */
export const APPS = {
  owntracks: 'OwnTracks',
  traccar: 'Traccar Client',
  osmand: 'OsmAnd',
  overland: 'Overland',
  gpslogger: 'GPSLogger',
};

const MINUTE_MS = 60_000;
/** After how many minutes without a word somebody may want to know. */
const SILENCES = [60, 180, 720, 1_440, 4_320, 10_080];

/**
 * Adds a tracker, shows what its app must be told and whether that worked; or changes one. The secret stands in this
 * dialog and nowhere else, and is gone when it closes.
 */
export class TrackerDialog {
  #token;
  #dialog = byId('tracker-dialog', HTMLDialogElement);
  #title = byId('tracker-title');
  #form = byId('tracker-form', HTMLFormElement);
  #app = byId('tracker-app', HTMLSelectElement);
  #name = byId('tracker-name', HTMLInputElement);
  #silent = byId('tracker-silent', HTMLSelectElement);
  #shown = byId('tracker-shown', HTMLInputElement);
  #family = byId('tracker-family', HTMLInputElement);
  #commands = byId('tracker-commands', HTMLInputElement);
  #save = byId('tracker-save', HTMLButtonElement);
  #problem = byId('tracker-problem');
  #setUp = byId('tracker-set-up');
  #state = byId('tracker-state');
  #qr = byId('tracker-qr');
  #link = byId('tracker-link', HTMLAnchorElement);
  #texts = byId('tracker-texts');
  #byHand = byId('tracker-by-hand', HTMLDetailsElement);
  #copied = byId('tracker-copied');
  /** @type {Tracker | null} what is changed, or null where one is added */
  #changed = null;
  /** The id of the one that was just added, or ''. */
  #added = '';
  /** How often its state was asked for: only the last answer counts. */
  #asked = 0;

  /**
   * @param {string} token
   * @param {AbortSignal} until
   * @param {() => void} onClosed
   */
  constructor(token, until, onClosed) {
    this.#token = token;
    this.#app.replaceChildren(...Object.entries(APPS).map(([app, name]) => new Option(name, app)));
    this.#app.addEventListener('change', () => this.#showCommands(), { signal: until });
    for (const id of ['tracker-cancel', 'tracker-done']) {
      byId(id).addEventListener('click', () => this.#dialog.close(), { signal: until });
    }
    this.#form.addEventListener(
      'submit',
      (event) => {
        event.preventDefault();
        this.#submit();
      },
      { signal: until },
    );
    this.#dialog.addEventListener(
      'close',
      () => {
        this.#forget();
        onClosed();
      },
      { signal: until },
    );
    until.addEventListener('abort', () => this.#forget());
  }

  /** @param {Tracker} [tracker] the one to be changed; without it one is added */
  open(tracker) {
    this.#changed = tracker ?? null;
    this.#forget();
    this.#setUp.hidden = true;
    this.#form.hidden = false;
    setText(this.#title, tracker ? t('tracker.change.title', { name: tracker.name }) : t('tracker.add'));
    setText(this.#save, t(tracker ? 'button.save' : 'tracker.add.do'));
    setText(this.#problem, '');
    byId('tracker-lead').hidden = tracker !== undefined;
    byId('tracker-app-field').hidden = tracker !== undefined;
    byId('tracker-silent-field').hidden = tracker === undefined;
    this.#app.value = tracker?.app ?? 'owntracks';
    this.#name.value = tracker?.name ?? t('tracker.name.first');
    this.#shown.checked = tracker?.shownToFamily ?? false;
    this.#family.checked = tracker?.familyInApp ?? false;
    this.#commands.checked = tracker?.commands ?? false;
    if (tracker) {
      const minutes = [...new Set([...SILENCES, tracker.silentAfterMinutes])].sort((a, b) => a - b);
      this.#silent.replaceChildren(
        ...minutes.map((minute) => new Option(duration(minute * MINUTE_MS), String(minute))),
      );
      this.#silent.value = String(tracker.silentAfterMinutes);
    }
    this.#showCommands();
    openDialog(this.#dialog);
  }

  /** Looks how the tracker that was just added does: something is new with one of them. */
  async refresh() {
    const id = this.#added;
    if (!id) {
      return;
    }
    const asked = ++this.#asked;
    try {
      const { trackers } = await api.trackers(this.#token);
      const tracker = trackers.find((one) => one.id === id);
      if (tracker && id === this.#added && asked === this.#asked) {
        this.#showState(tracker);
      }
    } catch {
      // It is asked for again when the connection is back.
    }
  }

  /** Only one of the apps can show others, and takes commands. */
  #showCommands() {
    for (const id of ['tracker-family-line', 'tracker-commands-line']) {
      byId(id).hidden = this.#app.value !== 'owntracks';
    }
  }

  async #submit() {
    const name = this.#name.value.trim();
    if (!name) {
      setText(this.#problem, t('tracker.needsName'));
      this.#name.focus();
      return;
    }
    const settings = {
      name,
      shownToFamily: this.#shown.checked,
      familyInApp: this.#app.value === 'owntracks' && this.#family.checked,
      commands: this.#app.value === 'owntracks' && this.#commands.checked,
    };
    setText(this.#problem, '');
    this.#save.disabled = true;
    try {
      if (this.#changed) {
        const silentAfterMinutes = Number(this.#silent.value);
        await api.changeTracker(this.#token, this.#changed.id, { ...settings, silentAfterMinutes });
        this.#dialog.close();
      } else {
        const app = /** @type {Tracker['app']} */ (this.#app.value);
        const { tracker, setUp } = await api.addTracker(this.#token, { app, ...settings });
        if (this.#dialog.open) {
          await this.#show(tracker, setUp);
        }
      }
    } catch (problem) {
      setText(this.#problem, api.wordsFor(problem));
    } finally {
      this.#save.disabled = false;
    }
  }

  /**
   * @param {Tracker} tracker
   * @param {SetUp} setUp
   */
  async #show(tracker, { link, qr, texts }) {
    const app = APPS[tracker.app];
    this.#added = tracker.id;
    this.#form.hidden = true;
    this.#setUp.hidden = false;
    setText(this.#title, t('tracker.setUp', { name: tracker.name }));
    this.#showState(tracker);
    const how = link ? 'link' : tracker.app === 'traccar' ? 'scan' : 'copy';
    setText(byId('tracker-how'), t(`tracker.how.${how}`, { app }));
    this.#link.hidden = !link;
    if (link) {
      this.#link.href = link;
      setText(this.#link, t('tracker.open', { app }));
    }
    Object.entries(texts).forEach(([label, text]) => this.#texts.append(this.#describe(label, text)));
    this.#byHand.open = !link;
    const local = byId('tracker-local');
    local.hidden = !['localhost', '127.0.0.1', '[::1]'].includes(location.hostname);
    setText(local, t('tracker.local', { host: location.hostname }));
    this.#title.focus();
    const code = await api.qrCode(this.#token, qr);
    if (this.#added === tracker.id) {
      drawQrCode(this.#qr, code);
    }
  }

  /** @param {Tracker} tracker */
  #showState({ state, trouble = '' }) {
    this.#state.dataset.state = state;
    setText(this.#state, trouble ? t('tracker.trouble', { message: trouble }) : t(`tracker.now.${state}`));
  }

  /**
   * @param {string} label as the app has it
   * @param {string} text
   */
  #describe(label, text) {
    const field = create('input', '');
    field.id = `tracker-text-${this.#texts.childElementCount}`;
    field.readOnly = true;
    field.value = text;
    field.addEventListener('focus', () => field.select());
    const button = create('button', 'button', t('copy'));
    button.type = 'button';
    button.setAttribute('aria-label', `${t('copy')}: ${label}`);
    button.addEventListener('click', () => copy(field, button, this.#copied));
    const words = create('label', '', label);
    words.htmlFor = field.id;
    return create('div', 'field', words, create('div', 'copy-row', field, button));
  }

  /** Nothing of a secret stays in the page. */
  #forget() {
    this.#added = '';
    this.#qr.hidden = true;
    this.#qr.replaceChildren();
    this.#link.removeAttribute('href');
    this.#texts.replaceChildren();
    setText(this.#copied, '');
  }
}
