import * as api from './api.js';
import { byId, setText } from './dom.js';
import { isCurrent, stateOf } from './family.js';
import { ago, moment } from './format.js';
import { t } from './language.js';
import { openDialog } from './layers.js';
import { PositionSharing } from './sharing.js';

/**
 * @typedef {import('./family.js').Family} Family
 * @typedef {import('./live-connection.js').LiveConnection} LiveConnection
 * @typedef {import('./session.js').Session} Session
 * @typedef {import('./sharing.js').SharingState} SharingState
 */

const PAUSES = [1, 4, 24];
/** A tab that shares says so at least every minute. */
const OTHER_TAB_MS = 120_000;
/** What a device is called changes seldom. */
const ASK_SOURCE_AFTER_MS = 60_000;

/**
 * Whether I share, by whichever device, said at every moment: on the card, beside the family's name and in the tab's
 * title.
 */
export class SharingCard {
  #token;
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
  #left = byId('sharing-left');
  /** @type {SharingState} */
  #state = { kind: 'off' };
  /** What another device is called that shared as me, or ''. */
  #source = '';
  #sourceAskedAt = 0;
  /** When another tab of this browser shared last, or 0. */
  #otherTabAt = 0;
  #hasShared = false;
  #goesOn = false;
  /** Whether the family is still to be told that this device shares no more. */
  #stopUntold = false;
  #announced = '';
  #channel = 'BroadcastChannel' in window ? new BroadcastChannel('draugar.sharing') : null;
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
    this.#family = family;
    this.#say = say;
    /** @type {import('./sharing.js').Listener} */
    const listener = {
      onState: (state) => {
        this.#state = state;
        if (state.kind === 'off' && this.#hasShared) {
          this.#stopped();
        }
        this.show();
      },
      onShared: (position) => {
        this.#hasShared = true;
        family.place(user.id, user.name, position);
        this.#channel?.postMessage({ member: user.id, position });
      },
      onLeft: () => this.show(),
    };
    this.#sharing = new PositionSharing(user.id, (reports) => connection.report(reports), listener, until);
    /** @type {(id: string, action: () => void) => void} */
    const onClick = (id, action) => byId(id).addEventListener('click', action, { signal: until });
    onClick('sharing-switch', () => (this.#sharing.isOn ? this.#sharing.stop() : this.#sharing.start()));
    onClick('sharing-left-send', () => this.#settleLeft(true));
    onClick('sharing-left-discard', () => this.#settleLeft(false));
    onClick('pause-open', () => (this.#paused ? this.#resume() : openDialog(this.#pauseDialog)));
    onClick('pause-cancel', () => this.#pauseDialog.close());
    onClick('pause-forever', () => this.#pause(null));
    for (const hours of PAUSES) {
      setText(byId(`pause-${hours}`), t('pause.hours', { count: hours }));
      onClick(`pause-${hours}`, () => this.#pause(hours));
    }
    this.#awake.checked = false;
    this.#awake.addEventListener('change', () => this.#keepAwake(), { signal: until });
    window.addEventListener(
      'pagehide',
      () => this.#sharing.isOn && !this.#goesOn && api.stopSharingAsItCloses(token),
      { signal: until },
    );
    this.#channel?.addEventListener('message', ({ data }) => this.#heardTab(data), { signal: until });
    until.addEventListener('abort', () => this.#channel?.close());
    this.show();
    if (takeGoesOn() === user.id) {
      this.#sharing.start();
    }
  }

  /** To be called before the page loads itself anew for another language: whoever shares goes on sharing. */
  keepSharing() {
    if (this.#sharing.isOn) {
      this.#goesOn = true;
      noteGoesOn(this.#family.me.id);
    }
  }

  get sharing() {
    return this.#sharing;
  }

  get #paused() {
    return this.#family.me.paused;
  }

  /** Shows what is so now. */
  show() {
    const kind = this.#kind;
    const shown = kind === 'other' ? 'on' : kind;
    this.#card.dataset.state = this.#chip.dataset.state = shown;
    setText(this.#chip, t(`sharing.chip.${shown}`));
    this.#switch.setAttribute('aria-checked', String(this.#state.kind !== 'off'));
    this.#switch.disabled = PositionSharing.impossible !== null;
    setText(this.#pauseButton, t(kind === 'paused' ? 'pause.end' : 'pause.start'));
    byId('sharing-awake-line').hidden = this.#state.kind === 'off';
    byId('sharing-open').hidden = kind !== 'on' || this.#family.me.quietMs > 0;
    this.#left.hidden = this.#sharing.left === 0;
    setText(byId('sharing-left-words'), t('sharing.left', { count: this.#sharing.left }));
    const words = this.#describe();
    setText(this.#status, words);
    const mark = shown === 'on' ? '●' : '⏸';
    const title = shown === 'off' ? 'Draugar' : `${mark} ${t(`sharing.chip.${shown}`)} · Draugar`;
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

  /** @returns {'paused' | 'on' | 'other' | 'off'} other: not by this page, but by something else of mine */
  get #kind() {
    if (this.#paused) {
      return 'paused';
    }
    if (this.#state.kind !== 'off') {
      return 'on';
    }
    return isCurrent(stateOf(this.#family.me)) ? 'other' : 'off';
  }

  #describe() {
    const me = this.#family.me;
    if (me.paused) {
      return me.pausedUntil ? t('pause.until', { time: moment(me.pausedUntil) }) : t('pause.open');
    }
    const state = this.#state;
    const last = me.position ? ago(Date.now() - Date.parse(me.position.timestamp)) : '';
    if (state.kind === 'off') {
      if (state.problem) {
        return state.problem;
      }
      if (this.#kind === 'other') {
        return Date.now() - this.#otherTabAt < OTHER_TAB_MS
          ? t('sharing.tab', { ago: last })
          : t('sharing.other', { name: this.#source || t('sharing.other.unknown'), ago: last });
      }
      return PositionSharing.impossible ?? (last ? t('sharing.off.last', { ago: last }) : t('sharing.off'));
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

  /** To be called when the connection is there. */
  online() {
    this.#sharing.connected();
    if (this.#stopUntold) {
      this.#stopped();
    }
    this.heardOfMe();
  }

  /** To be called when a position of mine came that this page did not send: finds out what did. */
  async heardOfMe() {
    const me = this.#family.me;
    if (Date.now() - this.#sourceAskedAt < ASK_SOURCE_AFTER_MS || this.#sharing.isOn) {
      return;
    }
    try {
      const last = await api.lastLocation(this.#token, me.id);
      if (last?.deviceId) {
        this.#sourceAskedAt = Date.now();
        const { devices } = await api.devices(this.#token);
        this.#source = devices.find(({ id }) => id === last.deviceId)?.name ?? '';
        this.show();
      }
    } catch {
      // It says "another device" until the next one.
    }
  }

  /** Another tab of this browser is the same device for the server, which does not tell a device what it said. */
  #heardTab({ member = '', position = null, stopped = 0 }) {
    if (member !== this.#family.me.id) {
      return;
    }
    this.#otherTabAt = position ? Date.now() : 0;
    if (position) {
      this.#family.place(member, '', position);
    } else {
      this.#family.setStopped(member, stopped);
    }
  }

  /** This device shares no more: its family hears that at once. */
  async #stopped() {
    const me = this.#family.me;
    const stopped = Date.now();
    this.#hasShared = false;
    this.#family.setStopped(me.id, stopped);
    this.#channel?.postMessage({ member: me.id, stopped });
    try {
      await api.stopSharing(this.#token);
      this.#stopUntold = false;
    } catch (problem) {
      this.#stopUntold = problem instanceof api.ApiProblem && !problem.endsSession;
    }
  }

  /** @param {boolean} send */
  #settleLeft(send) {
    if (send) {
      this.#sharing.sendLeft();
    } else {
      this.#sharing.discardLeft();
    }
    this.show();
    this.#switch.focus();
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
      this.#family.setPaused(this.#family.me.id, true, until);
    });
  }

  async #resume() {
    await this.#change(async () => {
      await api.resume(this.#token);
      this.#family.setPaused(this.#family.me.id, false);
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

const GOES_ON = 'draugar.goes-on';

/** @param {string} member who shares */
function noteGoesOn(member) {
  try {
    sessionStorage.setItem(GOES_ON, member);
  } catch {
    // Blocked storage: they are asked to switch it on again.
  }
}

/** @returns {string | null} who shared before the page loaded itself anew; only once */
function takeGoesOn() {
  try {
    const member = sessionStorage.getItem(GOES_ON);
    sessionStorage.removeItem(GOES_ON);
    return member;
  } catch {
    return null;
  }
}
