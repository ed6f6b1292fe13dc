import * as api from './api.js';
import { wireAppsSetting } from './apps-setting.js';
import { askFirst } from './confirm.js';
import { DataDialog } from './data-dialog.js';
import { byId, create, setText } from './dom.js';
import { Family, isCurrent, stateOf } from './family.js';
import { FamilyDialog } from './family-dialog.js';
import { TRAIL_MS } from './glide.js';
import { HistoryPanel } from './history-panel.js';
import { InviteDialog } from './invite-dialog.js';
import { changeLanguage, language, LANGUAGES, t } from './language.js';
import { LastPicture } from './last-picture.js';
import { enterLayer, openDialog } from './layers.js';
import { LiveConnection } from './live-connection.js';
import { MapView } from './map-view.js';
import { alarmWords, MemberList } from './member-list.js';
import { isKept } from './session.js';
import { SharingCard } from './sharing-card.js';
import { StreetsSetting } from './streets-setting.js';

/**
 * @typedef {import('./contract.js').LiveEvent} LiveEvent
 * @typedef {import('./family.js').Member} Member
 * @typedef {import('./live-connection.js').ConnectionState} ConnectionState
 * @typedef {import('./session.js').Session} Session
 */

const TOAST_MS = 8_000;
/** A trail is drawn no truer than this: a phone does not know better, and an hour of it is a few KB then. */
const TRAIL_WITHIN_M = 5;
/** Members come and go in bursts, at a start for instance: one question answers them all. */
const ASK_MEMBERS_AFTER_MS = 1_000;
/** After so long out of sight a connection may be dead without the browser knowing. */
const DOUBTFUL_AFTER_MS = 60_000;

/** The family, live: brings together the connection, the map, the list and the sharing of one session. */
export class LiveScreen {
  #screen = byId('live-screen');
  #connectionBox = byId('connection');
  #connectionText = byId('connection-text');
  #countdown = byId('connection-countdown');
  #retry = byId('connection-retry');
  #all = byId('map-all');
  #toast = byId('toast');
  #map = new MapView(
    byId('map'),
    (id) => this.#follow(id ?? ''),
    (following) => this.#showFollowed(following),
  );
  #list = new MemberList(byId('members'), {
    onPick: (id) => this.#follow(this.#followed === id ? '' : id),
    onDay: (id) => this.#openDay(id),
  });
  #streets = new StreetsSetting((map) => this.#map.showStreets(map));
  #onEnded;

  /** Ends with the session: takes every listener of it along. */
  #ending = new AbortController();
  /** @type {Session | null} */
  #session = null;
  #family = new Family({ id: '', name: '' });
  /** @type {LiveConnection | null} */
  #connection = null;
  /** @type {SharingCard | null} */
  #card = null;
  /** @type {HistoryPanel | null} */
  #history = null;
  /** @type {FamilyDialog | null} */
  #people = null;
  /** @type {LastPicture | null} */
  #picture = null;
  /** @type {ConnectionState} */
  #connectionState = { kind: 'connecting' };
  /** Whom the map follows, '' for everybody, null where somebody moved it. */
  #followed = /** @type {string | null} */ ('');
  /** Tells that nobody is followed any more. @type {(() => void) | null} */
  #leftFollowed = null;
  /** Tells that no day is shown any more. @type {(() => void) | null} */
  #leftDay = null;
  #membersKnown = false;
  /** @type {Set<string>} */
  #askedWhetherTracked = new Set();
  /**
   * Whose trail is there already.
   *
   * @type {Set<string>}
   */
  #recalled = new Set();
  /** One after the other, so that a large family does not ask for all at once. */
  #recalling = Promise.resolve();
  #hiddenAt = 0;
  #toastTimer = 0;
  #membersTimer = 0;

  /** @param {(notice?: string) => void} onEnded with the reason, unless the person wished it */
  constructor(onEnded) {
    this.#onEnded = onEnded;
    byId('map-closer').addEventListener('click', () => this.#map.zoom(1));
    byId('map-farther').addEventListener('click', () => this.#map.zoom(-1));
    this.#offerLanguages();
  }

  /** @param {Session} session */
  open(session) {
    this.#session = session;
    this.#ending = new AbortController();
    this.#membersKnown = false;
    this.#recalled.clear();
    this.#askedWhetherTracked.clear();
    this.#screen.hidden = false;
    byId('live-title').focus({ preventScroll: true });

    const { signal } = this.#ending;
    const connection = new LiveConnection(session.token, {
      onEvent: (event) => this.#handle(event),
      onState: (state) => this.#connectionChanged(state),
      onEnded: (reason) => this.#end(t(`ended.${reason}`)),
      whyRefused: () => this.#whyRefused(session.token),
    });
    this.#connection = connection;
    const family = new Family(session.user);
    this.#family = family;
    this.#card = new SharingCard(session, family, connection, signal, (problem) => this.#say(problem));
    this.#history = new HistoryPanel(session.token, family, this.#map, signal, () => this.#closeDay());
    this.#followFamily(family);
    this.#picture = new LastPicture(family, signal);
    this.#picture.show();
    this.#wireButtons(session.token);
    this.#keepConnected(connection);
    const ticker = setInterval(() => this.#tick(), 1_000);
    signal.addEventListener('abort', () => clearInterval(ticker));
    connection.connect();
    this.#askAlarms(session.token, family);
    if (!isKept()) {
      this.#say(t('storage.blocked'));
    }
  }

  /** Stops everything that belongs to the session. */
  close() {
    this.#closeDay();
    this.#showFollowed('');
    this.#ending.abort();
    this.#connection?.stop();
    clearTimeout(this.#membersTimer);
    this.#membersTimer = 0;
    for (const dialog of document.querySelectorAll('dialog')) {
      dialog.close();
    }
    this.#map.show([]);
    this.#session = null;
    this.#toast.hidden = true;
    this.#screen.hidden = true;
    document.title = 'Draugar';
  }

  /** @param {string} [notice] */
  #end(notice) {
    this.#card?.sharing.stop();
    this.close();
    this.#onEnded(notice);
  }

  /** @param {Family} family */
  #followFamily(family) {
    const showAll = () => {
      const members = family.members;
      this.#map.show(members);
      this.#list.show(members);
      this.#showCounts();
      this.#card?.pauseChanged();
      members.forEach((member) => this.#recall(member));
    };
    // A large family arrives in a burst: it is shown once, not once for each.
    const all = oncePerFrame(showAll, this.#ending.signal);
    const counts = oncePerFrame(() => this.#showCounts(), this.#ending.signal);
    const { signal } = this.#ending;
    family.addEventListener('members', all, { signal });
    family.addEventListener(
      'member',
      (event) => {
        const member = /** @type {CustomEvent<Member>} */ (event).detail;
        this.#map.update(member);
        this.#list.update(member);
        counts();
        this.#recall(member);
        if (member.isMe) {
          this.#card?.pauseChanged();
        }
      },
      { signal },
    );
    family.addEventListener(
      'alarm',
      (event) => {
        const { name, alarm } = /** @type {CustomEvent<Member>} */ (event).detail;
        this.#say(`${name}: ${alarmWords(alarm?.about ?? '')}`);
      },
      { signal },
    );
    this.#follow('');
    showAll();
  }

  /** @param {string} token */
  #wireButtons(token) {
    const { signal } = this.#ending;
    /** @type {(id: string, action: () => void) => void} */
    const onClick = (id, action) => byId(id).addEventListener('click', action, { signal });

    const invite = new InviteDialog(token, this.#family, signal);
    onClick('invite-open', () => invite.open());
    onClick('map-empty-invite', () => invite.open());
    const people = new FamilyDialog(token, this.#family, signal, (member) => invite.open(member));
    this.#people = people;
    onClick('family-open', () => people.open());
    onClick('family-invite', () => {
      people.close();
      invite.open();
    });
    onClick('sharing-tracker', () => people.addTracker());
    onClick('map-all', () => this.#follow(''));
    onClick('connection-retry', () => this.#connection?.connect());
    wireAppsSetting(token, this.#family, signal);
    const settings = byId('settings-dialog', HTMLDialogElement);
    onClick('settings-open', () => openDialog(settings));
    onClick('settings-close', () => settings.close());
    const data = new DataDialog(token, this.#family, signal, () => this.#end());
    onClick('data-open', () => data.open());
    onClick('device-open', () => invite.open(this.#family.me));
    onClick('face-open', () => people.changeMe());
    onClick('leave-open', () => {
      settings.close();
      this.#askToLeave(token);
    });
  }

  #offerLanguages() {
    const choice = byId('settings-language', HTMLSelectElement);
    for (const [tag, name] of Object.entries(LANGUAGES)) {
      const option = create('option', '', name);
      option.value = option.lang = tag;
      choice.append(option);
    }
    choice.value = language;
    choice.addEventListener('change', () => {
      this.#card?.keepSharing();
      changeLanguage(choice.value);
    });
  }

  /** @param {string} token */
  async #askToLeave(token) {
    const { me, members } = this.#family;
    const lastAdmin = me.admin && !members.some(({ id, admin }) => admin && id !== me.id);
    let alone = false;
    try {
      const [{ devices }, { trackers }] = await Promise.all([api.devices(token), api.trackers(token)]);
      const other = devices.filter(({ id, userId }) => userId === me.id && !trackers.some((one) => one.id === id));
      alone = other.length === 1;
    } catch {
      // Then it is not known, and leaving is not possible without the server either.
    }
    askFirst({
      title: t('leave'),
      text: [
        lastAdmin && alone && members.length > 1 && t('leave.lastAdmin'),
        alone ? t('leave.last') : t('leave.text'),
      ]
        .filter(Boolean)
        .join(' '),
      button: t('button.leave'),
      action: () => this.#leave(token),
    });
  }

  /** @param {string} token */
  async #leave(token) {
    this.#card?.sharing.stop();
    try {
      await api.leave(token);
    } catch (refusal) {
      // Not forgotten while the server may still honour the token: that would only look like leaving.
      if (!(refusal instanceof api.ApiProblem && refusal.endsSession)) {
        throw refusal;
      }
    }
    this.#end();
  }

  /** @param {LiveConnection} connection */
  #keepConnected(connection) {
    const { signal } = this.#ending;
    // A phone that changed its network holds a connection that leads nowhere.
    window.addEventListener('online', () => connection.connect(), { signal });
    // A browser keeps a page that was left, and its connection, for whoever comes back: its member would stay online.
    window.addEventListener('pagehide', () => connection.rest(), { signal });
    window.addEventListener('pageshow', ({ persisted }) => persisted && connection.connect(), { signal });
    document.addEventListener(
      'visibilitychange',
      () => {
        if (document.hidden) {
          this.#hiddenAt = Date.now();
        } else if (this.#connectionState.kind === 'waiting' || Date.now() - this.#hiddenAt > DOUBTFUL_AFTER_MS) {
          connection.connect();
        }
      },
      { signal },
    );
  }

  /** @param {LiveEvent} event */
  #handle(event) {
    switch (event.type) {
      case 'position':
        this.#askMembersAbout(event.userId, event.name);
        this.#family.place(event.userId, event.name, event.position);
        this.#askWhetherTracked(event.userId);
        if (event.userId === this.#session?.user.id) {
          this.#card?.heardOfMe();
        }
        break;
      case 'encrypted':
        this.#askMembersAbout(event.userId);
        this.#family.hide(event.userId, event.name);
        break;
      case 'presence':
        this.#presenceChanged(event.userId, event.online);
        break;
      case 'pause':
        this.#askMembersAbout(event.userId);
        this.#family.setPaused(event.userId, event.paused, event.until || undefined);
        break;
      case 'alarm':
        this.#family.raise(event.userId, event.name, event.about, event.at);
        break;
      case 'stopped':
        this.#family.setStopped(event.userId, event.at);
        break;
      case 'tracker':
        this.#people?.refresh();
        this.#askMembers(); // who reports by tracker, too
        break;
      case 'ack':
        this.#card?.sharing.acknowledged(event.id);
        break;
      case 'error':
        this.#refused(event);
        break;
    }
  }

  /** @param {import('./contract.js').ErrorEvent} error */
  #refused({ code, message, id }) {
    if (id) {
      this.#card?.sharing.refused(id, code, message);
    } else if (code === 'unavailable') {
      this.#say(message);
    }
  }

  /**
   * @param {string} id
   * @param {boolean} online
   */
  #presenceChanged(id, online) {
    this.#askMembersAbout(id);
    if (!online) {
      this.#askMembers(); // they may have been removed
    }
    if (id !== this.#session?.user.id) {
      this.#family.setOnline(id, online);
    }
  }

  /**
   * Those without a place are told once only: before the page was open, that is.
   *
   * @param {string} token
   * @param {Family} family
   */
  async #askAlarms(token, family) {
    try {
      const { alarms } = await api.alarms(token);
      for (const { userId, name, alarm, at, measuredAt } of alarms) {
        if (!measuredAt && !this.#ending.signal.aborted) {
          family.raise(userId, name, alarm, Date.parse(at));
        }
      }
    } catch {
      // The live connection says what is wrong.
    }
  }

  /**
   * @param {string} id
   * @param {string} [name] as they are called now
   */
  #askMembersAbout(id, name) {
    const known = this.#family.get(id);
    if (!known || (name && name !== known.name)) {
      this.#askMembers();
    }
  }

  /**
   * Who reports without being connected has a tracker, maybe a new one.
   *
   * @param {string} id
   */
  #askWhetherTracked(id) {
    const member = this.#family.get(id);
    if (member && !member.online && member.quietMs === 0 && !this.#askedWhetherTracked.has(id)) {
      this.#askedWhetherTracked.add(id);
      this.#askMembers();
    }
  }

  #askMembers() {
    this.#membersTimer ||= window.setTimeout(() => {
      this.#membersTimer = 0;
      this.#loadMembers();
    }, ASK_MEMBERS_AFTER_MS);
  }

  async #loadMembers() {
    const session = this.#session;
    if (!session) {
      return;
    }
    try {
      const [{ users }, { tracked }] = await Promise.all([api.members(session.token), api.trackers(session.token)]);
      if (session === this.#session) {
        this.#membersKnown = true;
        this.#family.setMembers(users);
        this.#family.setTracked(tracked);
        this.#picture?.take(users, tracked);
        byId('invite-open').hidden = !this.#mayInvite;
        byId('family-invite').hidden = !this.#mayInvite;
      }
    } catch (problem) {
      if (session === this.#session) {
        this.#loadFailed(problem);
      }
    }
  }

  /** Only admins do. */
  get #mayInvite() {
    return this.#family.members.some(({ isMe, admin }) => isMe && admin);
  }

  /** @param {unknown} problem */
  #loadFailed(problem) {
    if (problem instanceof api.ApiProblem && problem.endsSession) {
      this.#end(t('ended.signedOut'));
    } else if (this.#connectionState.kind === 'live') {
      this.#say(api.wordsFor(problem));
    }
  }

  /**
   * Fetches what a member's trail lacks: it is no longer than an hour, and comes after the marker. Of somebody with a
   * tracker, which may say something once in an hour, also since when they have been where they are.
   *
   * @param {Member} member
   */
  #recall(member) {
    const { id, position, isMe, quietMs } = member;
    const old = position && Date.parse(position.timestamp) < Date.now() - TRAIL_MS;
    if (this.#membersKnown && (position || isMe) && (!old || quietMs > 0) && !this.#recalled.has(id)) {
      this.#recalled.add(id);
      this.#recalling = this.#recalling.then(async () => {
        await (old ? undefined : this.#fetchTrail(member));
        await (quietMs > 0 ? this.#fetchStay(member) : undefined);
      });
    }
  }

  /** @param {Member} member */
  async #fetchStay({ id }) {
    const session = this.#session;
    if (!session) {
      return;
    }
    try {
      const positions = await api.lastLocations(session.token, id);
      if (session === this.#session) {
        this.#family.recall(id, positions.reverse());
      }
    } catch {
      this.#recalled.delete(id);
    }
  }

  /** @param {Member} member */
  async #fetchTrail({ id, name }) {
    const session = this.#session;
    if (!session) {
      return;
    }
    const [from, to] = [-TRAIL_MS, TRAIL_MS].map((away) => new Date(Date.now() + away));
    try {
      const positions = await api.locations(session.token, id, from, to, TRAIL_WITHIN_M);
      const last = positions.at(-1);
      if (session === this.#session && last) {
        this.#family.place(id, name, last); // a device does not hear what it reported itself
        this.#family.recall(id, positions);
        this.#map.recall(id, positions);
      }
    } catch {
      this.#recalled.delete(id); // the next position asks again
    }
  }

  /**
   * @param {string} token
   * @returns {Promise<'signedOut' | 'reachable' | 'unreachable'>}
   */
  async #whyRefused(token) {
    try {
      await api.whoAmI(token);
      return 'reachable';
    } catch (problem) {
      return problem instanceof api.ApiProblem && problem.endsSession ? 'signedOut' : 'unreachable';
    }
  }

  /** @param {ConnectionState} state */
  #connectionChanged(state) {
    this.#connectionState = state;
    this.#connectionBox.dataset.state = state.kind;
    this.#retry.hidden = state.kind !== 'waiting';
    const key = state.kind === 'live' && state.fallback ? 'fallback' : state.kind;
    setText(this.#connectionText, t(`connection.${key}`));
    this.#family.setOnline(this.#session?.user.id ?? '', state.kind === 'live');
    if (this.#card) {
      this.#card.connected = state.kind === 'live';
    }
    if (state.kind === 'live') {
      this.#family.forgetPresence();
      if (!state.resumed) {
        this.#recalled.clear();
      }
      this.#card?.online();
      this.#people?.refresh();
      this.#streets.load(this.#session?.token ?? '');
      this.#loadMembers();
    }
    this.#card?.show();
    this.#showCountdown();
    this.#showCounts();
  }

  #showCountdown() {
    const state = this.#connectionState;
    const seconds = state.kind === 'waiting' ? Math.ceil((state.retryAt - Date.now()) / 1000) : 0;
    setText(this.#countdown, seconds > 0 ? `· ${t('connection.again', { seconds })}` : '');
  }

  /** @param {string} id of a member, or '' for everybody */
  #follow(id) {
    this.#map.follow(id);
    this.#showFollowed(id);
  }

  /** @param {string | null} following */
  #showFollowed(following) {
    this.#followed = following;
    if (following) {
      this.#leftFollowed ??= enterLayer(() => this.#follow(''));
    } else {
      this.#leftFollowed?.();
      this.#leftFollowed = null;
    }
    this.#list.markFollowed(following ?? '');
    this.#all.hidden = following === '' || (this.#history?.isOpen ?? false);
  }

  /** @param {string} id */
  #openDay(id) {
    byId('family').hidden = true;
    this.#all.hidden = true;
    byId('map-empty').hidden = true;
    this.#leftDay ??= enterLayer(() => this.#closeDay());
    this.#history?.open(id);
  }

  #closeDay() {
    const wasOpen = this.#history?.isOpen ?? false;
    this.#leftDay?.();
    this.#leftDay = null;
    byId('family').hidden = false;
    this.#history?.close();
    if (wasOpen) {
      this.#showFollowed(this.#followed);
      this.#showCounts();
      byId('live-title').focus({ preventScroll: true });
    }
  }

  #showCounts() {
    const members = this.#family.members;
    const located = members.filter((member) => isCurrent(stateOf(member))).length;
    const waiting = this.#connectionState.kind === 'waiting';
    const counts = waiting ? t('family.asKnown') : t('family.located', { located, all: members.length });
    setText(byId('family-count'), members.length > 1 ? counts : '');
    if (this.#followed && !this.#family.has(this.#followed)) {
      this.#follow('');
    }
    this.#showEmpty(members);
  }

  /** @param {Member[]} members */
  #showEmpty(members) {
    if (this.#membersKnown || this.#connectionState.kind === 'waiting') {
      this.#map.begin();
    }
    const alone = members.length === 1;
    const empty = this.#membersKnown && !this.#history?.isOpen && members.every((member) => !member.position);
    byId('map-empty').hidden = !empty;
    byId('map-empty-invite').hidden = !alone || !this.#mayInvite;
    const kind = alone ? 'first' : members.some((member) => member.encrypted) ? 'encrypted' : 'nobody';
    setText(byId('map-empty-title'), t(`empty.${kind}`));
    setText(byId('map-empty-text'), t(`empty.${kind}.text`));
  }

  #tick() {
    this.#list.tick();
    this.#showCounts();
    this.#map.redraw();
    this.#showCountdown();
    this.#card?.show();
  }

  /** @param {string} text */
  #say(text) {
    clearTimeout(this.#toastTimer);
    this.#toast.hidden = false;
    this.#toast.textContent = text;
    this.#toastTimer = window.setTimeout(() => {
      this.#toast.hidden = true;
    }, TOAST_MS);
  }
}

/**
 * @param {() => void} action
 * @param {AbortSignal} until
 * @returns {() => void} has the action done before the next picture, however often it is called until then
 */
function oncePerFrame(action, until) {
  let frame = 0;
  until.addEventListener('abort', () => cancelAnimationFrame(frame));
  return () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      action();
    });
  };
}
