import * as api from './api.js';
import { byId, setText } from './dom.js';
import { Family } from './family.js';
import { ago } from './format.js';
import { InviteDialog } from './invite-dialog.js';
import { LiveConnection } from './live-connection.js';
import { MapView } from './map-view.js';
import { MemberList } from './member-list.js';
import { PositionSharing } from './sharing.js';

/**
 * @typedef {import('./contract.js').LiveEvent} LiveEvent
 * @typedef {import('./family.js').Member} Member
 * @typedef {import('./live-connection.js').ConnectionState} ConnectionState
 * @typedef {import('./session.js').Session} Session
 * @typedef {import('./sharing.js').SharingState} SharingState
 */

const TOAST_MS = 8_000;
/** Members come and go in bursts, at a start for instance: one question answers them all. */
const ASK_MEMBERS_AFTER_MS = 1_000;
const SUBSCRIBE_AGAIN_MS = 3_000;
/** After so long out of sight a connection may be dead without the browser knowing. */
const DOUBTFUL_AFTER_MS = 60_000;

const SIGNED_OUT = 'This device is signed out. To come back, ask your family for a new invite.';

/** The family, live: brings together the connection, the map, the list and the sharing of one session. */
export class LiveScreen {
  #screen = byId('live-screen');
  #connectionBox = byId('connection');
  #connectionText = byId('connection-text');
  #countdown = byId('connection-countdown');
  #retry = byId('connection-retry');
  #all = byId('map-all');
  #toast = byId('toast');
  #announcer = byId('announcer');
  #sharingBox = byId('sharing');
  #sharingSwitch = byId('sharing-switch', HTMLButtonElement);
  #sharingStatus = byId('sharing-status');
  #map = new MapView(byId('map', HTMLCanvasElement), (id) => this.#follow(id));
  #list = new MemberList(byId('members'), (id) => this.#follow(this.#followed === id ? null : id));
  #onEnded;

  /** Ends with the session: takes every listener of it along. */
  #ending = new AbortController();
  /** @type {Session | null} */
  #session = null;
  #family = new Family({ id: '', name: '' });
  /** @type {LiveConnection | null} */
  #connection = null;
  /** @type {PositionSharing | null} */
  #sharing = null;
  /** @type {ConnectionState} */
  #connectionState = { kind: 'connecting' };
  /** @type {SharingState} */
  #sharingState = { kind: 'off' };
  /** @type {string | null} */
  #followed = null;
  #membersKnown = false;
  /** Only admins do; a server that does not say who they are decides when asked. */
  #mayInvite = true;
  #hiddenAt = 0;
  #toastTimer = 0;
  #membersTimer = 0;

  /** @param {(notice?: string) => void} onEnded with the reason, unless the person wished it */
  constructor(onEnded) {
    this.#onEnded = onEnded;
  }

  /** @param {Session} session */
  open(session) {
    this.#session = session;
    this.#ending = new AbortController();
    this.#membersKnown = false;
    this.#screen.hidden = false;
    byId('live-title').focus({ preventScroll: true });
    this.#followFamily(session);
    this.#wireButtons(session.token);

    const connection = new LiveConnection(session.token, {
      onEvent: (event) => this.#handle(event),
      onState: (state) => this.#connectionChanged(state),
      onEnded: (reason) => this.#end(`${reason} To come back, ask your family for a new invite.`),
      whyRefused: () => this.#whyRefused(session.token),
    });
    this.#connection = connection;
    this.#sharing = new PositionSharing((message) => connection.send(message), {
      onState: (state) => this.#sharingChanged(state),
      onShared: (position) => this.#family.place(session.user.id, session.user.name, position),
    });
    this.#sharingChanged({ kind: 'off' });
    this.#keepConnected(connection);
    const ticker = setInterval(() => this.#tick(), 1_000);
    this.#ending.signal.addEventListener('abort', () => clearInterval(ticker));
    connection.connect();
  }

  /** Stops everything that belongs to the session. */
  close() {
    this.#ending.abort();
    this.#sharing?.stop();
    this.#connection?.stop();
    clearTimeout(this.#membersTimer);
    this.#membersTimer = 0;
    for (const dialog of this.#screen.querySelectorAll('dialog')) {
      dialog.close();
    }
    this.#session = null;
    this.#toast.hidden = true;
    this.#screen.hidden = true;
  }

  /** @param {string} [notice] */
  #end(notice) {
    this.close();
    this.#onEnded(notice);
  }

  /** @param {Session} session */
  #followFamily({ user }) {
    const family = new Family(user);
    this.#family = family;
    const showAll = () => {
      this.#map.show(family.members);
      this.#list.show(family.members);
      this.#list.markFollowed(this.#followed);
      this.#showCounts();
    };
    const { signal } = this.#ending;
    family.addEventListener('members', showAll, { signal });
    family.addEventListener(
      'member',
      (event) => {
        const member = /** @type {CustomEvent<Member>} */ (event).detail;
        this.#map.update(member);
        this.#list.update(member);
        this.#showCounts();
      },
      { signal },
    );
    this.#follow(null);
    showAll();
  }

  /** @param {string} token */
  #wireButtons(token) {
    const { signal } = this.#ending;
    /** @type {(id: string, action: () => void) => void} */
    const onClick = (id, action) => byId(id).addEventListener('click', action, { signal });

    const invite = new InviteDialog(token, signal);
    onClick('invite-open', () => invite.open());
    onClick('map-empty-invite', () => invite.open());
    onClick('map-all', () => this.#follow(null));
    onClick('connection-retry', () => this.#connection?.connect());
    onClick('sharing-switch', () => (this.#sharing?.isOn ? this.#sharing.stop() : this.#sharing?.start()));

    const leaving = byId('leave-dialog', HTMLDialogElement);
    const problem = byId('leave-problem');
    onClick('leave-open', () => {
      setText(problem, '');
      leaving.showModal();
    });
    onClick('leave-cancel', () => leaving.close());
    onClick('leave-confirm', () => this.#leave(token, problem));
  }

  /**
   * @param {string} token
   * @param {HTMLElement} problem
   */
  async #leave(token, problem) {
    this.#sharing?.stop();
    try {
      await api.leave(token);
    } catch (refusal) {
      // Not forgotten while the server may still honour the token: that would only look like leaving.
      if (!(refusal instanceof api.ApiProblem && refusal.endsSession)) {
        problem.textContent = refusal instanceof Error ? refusal.message : String(refusal);
        return;
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
      case 'ack':
        this.#sharing?.acknowledged(event.id);
        break;
      case 'error':
        this.#refused(event);
        break;
    }
  }

  /** @param {import('./contract.js').ErrorEvent} error */
  #refused({ code, message, id }) {
    const passing = code === 'unavailable';
    if (id) {
      this.#sharing?.refused(id, message, !passing);
    } else {
      this.#say(message);
      if (passing) {
        setTimeout(() => this.#connection?.subscribe(), SUBSCRIBE_AGAIN_MS);
      }
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
      const users = await api.users(session.token);
      if (session === this.#session) {
        this.#membersKnown = true;
        this.#mayInvite = users.find((user) => user.id === session.user.id)?.role !== 'member';
        byId('invite-open').hidden = !this.#mayInvite;
        this.#family.setMembers(users);
      }
    } catch (problem) {
      if (session === this.#session) {
        this.#loadFailed(problem);
      }
    }
  }

  /** @param {unknown} problem */
  #loadFailed(problem) {
    if (problem instanceof api.ApiProblem && problem.endsSession) {
      this.#end(SIGNED_OUT);
    } else if (this.#connectionState.kind === 'live') {
      this.#say(problem instanceof Error ? problem.message : String(problem));
    }
  }

  /** @param {string} token */
  async #whyRefused(token) {
    try {
      await api.whoAmI(token);
      return null;
    } catch (problem) {
      return problem instanceof api.ApiProblem && problem.endsSession ? 'This device is signed out.' : null;
    }
  }

  /** @param {ConnectionState} state */
  #connectionChanged(state) {
    const wasLive = this.#connectionState.kind === 'live';
    this.#connectionState = state;
    this.#connectionBox.dataset.state = state.kind;
    this.#retry.hidden = state.kind !== 'waiting';
    setText(this.#connectionText, { connecting: 'Connecting…', live: 'Live', waiting: 'Not connected' }[state.kind]);
    this.#family.setOnline(this.#session?.user.id ?? '', state.kind === 'live');
    if (state.kind === 'live') {
      this.#family.forgetPresence();
      this.#sharing?.connected();
      this.#loadMembers();
    } else if (wasLive) {
      this.#showSharing();
    }
    this.#showCountdown();
    this.#showCounts();
  }

  #showCountdown() {
    const state = this.#connectionState;
    const seconds = state.kind === 'waiting' ? Math.ceil((state.retryAt - Date.now()) / 1000) : 0;
    setText(this.#countdown, seconds > 0 ? `· again in ${seconds} s` : '');
  }

  /** @param {SharingState} state */
  #sharingChanged(state) {
    const before = this.#sharingState.kind;
    this.#sharingState = state;
    this.#sharingBox.dataset.state = state.kind;
    this.#sharingSwitch.setAttribute('aria-checked', String(state.kind !== 'off'));
    this.#sharingSwitch.disabled = PositionSharing.impossible !== null;
    if (state.kind !== before) {
      // Only what changed is read out, not the age that counts up every second.
      setText(this.#announcer, this.#describeSharing());
    }
    document.title = state.kind === 'off' ? 'Draugar' : '● Sharing · Draugar';
    this.#showSharing();
  }

  #showSharing() {
    setText(this.#sharingStatus, this.#describeSharing());
  }

  #describeSharing() {
    const state = this.#sharingState;
    if (state.kind === 'off') {
      return state.problem ?? PositionSharing.impossible ?? 'Off. This device tells nobody.';
    }
    if (this.#connectionState.kind !== 'live') {
      return 'On, but not connected: your position waits on this device.';
    }
    if (state.kind === 'searching') {
      return `On. ${state.problem ?? 'Finding out where you are…'}`;
    }
    return state.sharedAt === null
      ? 'On. Telling your family…'
      : `On. Last shared ${ago(Date.now() - state.sharedAt)}.`;
  }

  /** @param {string | null} id */
  #follow(id) {
    this.#followed = id;
    this.#map.follow(id);
    this.#list.markFollowed(id);
    this.#all.hidden = id === null;
  }

  #showCounts() {
    const members = this.#family.members;
    const online = members.filter((member) => member.online).length;
    const counts = this.#connectionState.kind === 'waiting' ? 'as last known' : `${online} of ${members.length} online`;
    setText(byId('family-count'), members.length > 1 ? counts : '');
    if (this.#followed !== null && !this.#family.get(this.#followed)?.position) {
      this.#follow(null);
    }
    this.#showEmpty(members);
  }

  /** @param {Member[]} members */
  #showEmpty(members) {
    const alone = members.length === 1;
    const nobodyOnMap = members.every((member) => !member.position);
    const empty = this.#membersKnown && nobodyOnMap;
    byId('map-empty').hidden = !empty;
    byId('map-empty-invite').hidden = !alone || !this.#mayInvite;
    if (!empty) {
      return;
    }
    const allEncrypted = members.some((member) => member.encrypted);
    if (alone) {
      setText(byId('map-empty-title'), 'You are the first here');
      setText(
        byId('map-empty-text'),
        'Invite the others, and they appear on this map as soon as they share where they are.',
      );
    } else if (allEncrypted) {
      setText(byId('map-empty-title'), 'End-to-end encrypted');
      setText(
        byId('map-empty-text'),
        'Positions arrive, but this page holds no key to read them. The phones of your family do.',
      );
    } else {
      setText(byId('map-empty-title'), 'Nobody is on the map yet');
      setText(byId('map-empty-text'), 'Members appear here as soon as they share where they are.');
    }
  }

  #tick() {
    this.#list.tick();
    this.#map.redraw();
    this.#showCountdown();
    this.#showSharing();
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
