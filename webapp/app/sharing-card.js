import * as api from './api.js';
import { byId, setText } from './dom.js';
import { ago, dateTime, time } from './format.js';
import { t } from './language.js';
import { PositionSharing } from './sharing.js';

/**
 * @typedef {import('./family.js').Family} Family
 * @typedef {import('./live-connection.js').LiveConnection} LiveConnection
 * @typedef {import('./session.js').Session} Session
 * @typedef {import('./sharing.js').SharingState} SharingState
 */

const PAUSES = [1, 4, 24];
const A_DAY_MS = 86_400_000;

/** Whether I share, said at every moment: on the card, beside the family's name and in the tab's title. */
export class SharingCard {
  #token;
  #me;
  #family;
  #sharing;
  #say;
  #card = byId('sharing');
  #switch = byId('sharing-switch', HTMLButtonElement);
  #status = byId('sharing-status');
  #chip = byId('sharing-chip');
  #announcer = byId('announcer');
  #awake = byId('sharing-awake', HTMLInputElement);
  #pauseButton = byId('pause-open');
  #pauseDialog = byId('pause-dialog', HTMLDialogElement);
  /** @type {SharingState} */
  #state = { kind: 'off' };
  #announced = '';
  connected = false;

  /**
   * @param {Session} session
   * @param {Family} family
   * @param {LiveConnection} connection
   * @param {AbortSignal} until
   * @param {(problem: string) => void} say
   */
  constructor({ token, user }, family, connection, until, say) {
    this.#token = token;
    this.#me = user.id;
    this.#family = family;
    this.#say = say;
    /** @type {import('./sharing.js').Listener} */
    const listener = {
      onState: (state) => {
        this.#state = state;
        this.show();
      },
      onShared: (position) => family.place(user.id, user.name, position),
    };
    this.#sharing = new PositionSharing(user.id, (reports) => connection.report(reports), listener, until);
    /** @type {(id: string, action: () => void) => void} */
    const onClick = (id, action) => byId(id).addEventListener('click', action, { signal: until });
    onClick('sharing-switch', () => (this.#sharing.isOn ? this.#sharing.stop() : this.#sharing.start()));
    onClick('pause-open', () => (this.#paused ? this.#resume() : this.#pauseDialog.showModal()));
    onClick('pause-cancel', () => this.#pauseDialog.close());
    onClick('pause-forever', () => this.#pause(null));
    for (const hours of PAUSES) {
      setText(byId(`pause-${hours}`), t('pause.hours', { count: hours }));
      onClick(`pause-${hours}`, () => this.#pause(hours));
    }
    this.#awake.checked = false;
    this.#awake.addEventListener('change', () => this.#keepAwake(), { signal: until });
    this.show();
  }

  get sharing() {
    return this.#sharing;
  }

  get #paused() {
    return this.#family.get(this.#me)?.paused ?? false;
  }

  /** Shows what is so now. */
  show() {
    const paused = this.#paused;
    const kind = paused ? 'paused' : this.#state.kind === 'off' ? 'off' : 'on';
    this.#card.dataset.state = this.#chip.dataset.state = kind;
    setText(this.#chip, t(`sharing.chip.${kind}`));
    this.#switch.setAttribute('aria-checked', String(this.#state.kind !== 'off'));
    this.#switch.disabled = PositionSharing.impossible !== null;
    setText(this.#pauseButton, t(paused ? 'pause.end' : 'pause.start'));
    byId('sharing-awake-line').hidden = this.#state.kind === 'off';
    const words = this.#describe();
    setText(this.#status, words);
    const mark = kind === 'on' ? '●' : '⏸';
    const title = kind === 'off' ? 'Draugar' : `${mark} ${t(`sharing.chip.${kind}`)} · Draugar`;
    if (document.title !== title) {
      document.title = title;
    }
    // Only what changed is read out, not the age that counts up every second.
    const announced = `${kind} ${this.#state.kind}`;
    if (announced !== this.#announced) {
      this.#announced = announced;
      setText(this.#announcer, words);
    }
  }

  #describe() {
    const me = this.#family.get(this.#me);
    if (me?.paused) {
      return me.pausedUntil ? t('pause.until', { time: untilWords(me.pausedUntil) }) : t('pause.open');
    }
    const state = this.#state;
    if (state.kind === 'off') {
      return state.problem ?? PositionSharing.impossible ?? t('sharing.off');
    }
    if (!this.connected && this.#sharing.waiting > 0) {
      return t('sharing.waiting', { count: this.#sharing.waiting });
    }
    if (state.kind === 'searching') {
      return state.problem ?? t('sharing.searching');
    }
    return state.sharedAt === null
      ? t('sharing.telling')
      : t('sharing.shared', { ago: ago(Date.now() - state.sharedAt) });
  }

  /** To be called when my pause began or ended, here or on another device. */
  pauseChanged() {
    this.#sharing.pause(this.#paused);
    this.show();
  }

  /** @param {number | null} hours */
  async #pause(hours) {
    this.#pauseDialog.close();
    await this.#change(async () => {
      const { until } = await api.pause(this.#token, hours);
      this.#family.setPaused(this.#me, true, until);
    });
  }

  async #resume() {
    await this.#change(async () => {
      await api.resume(this.#token);
      this.#family.setPaused(this.#me, false);
    });
  }

  /** @param {() => Promise<void>} change */
  async #change(change) {
    try {
      await change();
      this.pauseChanged();
    } catch (problem) {
      this.#say(api.wordsFor(problem));
    }
  }

  async #keepAwake() {
    if (!(await this.#sharing.keepAwake(this.#awake.checked))) {
      this.#awake.checked = false;
      this.#say(t('sharing.awake.refused'));
    }
  }
}

/** @param {string} instant ISO 8601 */
const untilWords = (instant) =>
  Date.parse(instant) - Date.now() < A_DAY_MS / 2 ? time(instant) : dateTime(instant);
