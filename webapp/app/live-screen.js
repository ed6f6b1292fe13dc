import * as api from './api.js';
import { wireAppsSetting } from './apps-setting.js';
import { askFirst } from './confirm.js';
import { byId, create, setText } from './dom.js';
import { Family } from './family.js';
import { FamilyDialog } from './family-dialog.js';
import { TRAIL_MS } from './glide.js';
import { HistoryPanel } from './history-panel.js';
import { InviteDialog } from './invite-dialog.js';
import { changeLanguage, language, LANGUAGES, t } from './language.js';
import { LiveConnection } from './live-connection.js';
import { MapView } from './map-view.js';
import { MemberList } from './member-list.js';
import { SharingCard } from './sharing-card.js';
import { StreetsSetting } from './streets-setting.js';

/**
 * @typedef {import('./contract.js').LiveEvent} LiveEvent
 * @typedef {import('./family.js').Member} Member
 * @typedef {import('./live-connection.js').ConnectionState} ConnectionState
 * @typedef {import('./session.js').Session} Session
 */

const TOAST_MS = 8_000;
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
  /** @type {ConnectionState} */
  #connectionState = { kind: 'connecting' };
  /** Whom the map follows, '' for everybody, null where somebody moved it. */
  #followed = /** @type {string | null} */ ('');
  #membersKnown = false;
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
    this.#wireButtons(session.token);
    this.#keepConnected(connection);
    const ticker = setInterval(() => this.#tick(), 1_000);
    signal.addEventListener('abort', () => clearInterval(ticker));
    connection.connect();
  }

  /** Stops everything that belongs to the session. */
  close() {
    this.#closeDay();
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
    const people = new FamilyDialog(token, this.#family, signal);
    this.#people = people;
    onClick('family-open', () => people.open());
    onClick('family-invite', () => {
      people.close();
      invite.open();
    });
    onClick('map-all', () => this.#follow(''));
    onClick('connection-retry', () => this.#connection?.connect());
    wireAppsSetting(token, this.#family, signal);
    const settings = byId('settings-dialog', HTMLDialogElement);
    onClick('settings-open', () => settings.showModal());
    onClick('settings-close', () => settings.close());
    onClick('leave-open', () => {
      settings.close();
      askFirst({
        title: t('leave'),
        text: t('leave.text'),
        button: t('button.leave'),
        action: () => this.#leave(token),
      });
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
    choice.addEventListener('change', () => changeLanguage(choice.value));
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
        this.#askMembersAbout(event.userId);
        this.#family.place(event.userId, event.name, event.position);
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
      case 'tracker':
        this.#people?.refresh();
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

  /** @param {string} id */
  #askMembersAbout(id) {
    if (!this.#family.has(id)) {
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
      const { users } = await api.members(session.token);
      if (session === this.#session) {
        this.#membersKnown = true;
        this.#family.setMembers(users);
        this.#family.members.filter(({ isMe }) => isMe).forEach((me) => this.#recall(me));
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
   * Fetches what a member's trail lacks: it is no longer than an hour, and comes after the marker.
   *
   * @param {Member} member
   */
  #recall(member) {
    const { id, position, isMe } = member;
    const old = position && Date.parse(position.timestamp) < Date.now() - TRAIL_MS;
    if ((position || isMe) && !old && !this.#recalled.has(id)) {
      this.#recalled.add(id);
      this.#recalling = this.#recalling.then(() => this.#fetchTrail(member));
    }
  }

  /** @param {Member} member */
  async #fetchTrail({ id, name }) {
    const session = this.#session;
    if (!session) {
      return;
    }
    const now = Date.now();
    try {
      const positions = await api.locations(session.token, id, new Date(now - TRAIL_MS), new Date(now + TRAIL_MS));
      const last = positions.at(-1);
      if (session === this.#session && last) {
        this.#family.place(id, name, last); // a device does not hear what it reported itself
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
      this.#card?.sharing.connected();
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
    this.#list.markFollowed(following ?? '');
    this.#all.hidden = following === '' || (this.#history?.isOpen ?? false);
  }

  /** @param {string} id */
  #openDay(id) {
    byId('family').hidden = true;
    this.#all.hidden = true;
    byId('map-empty').hidden = true;
    this.#history?.open(id);
  }

  #closeDay() {
    const wasOpen = this.#history?.isOpen ?? false;
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
    const online = members.filter((member) => member.online).length;
    const waiting = this.#connectionState.kind === 'waiting';
    const counts = waiting ? t('family.asKnown') : t('family.online', { online, all: members.length });
    setText(byId('family-count'), members.length > 1 ? counts : '');
    if (this.#followed && !this.#family.has(this.#followed)) {
      this.#follow('');
    }
    this.#showEmpty(members);
  }

  /** @param {Member[]} members */
  #showEmpty(members) {
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
