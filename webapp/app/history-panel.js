import * as api from './api.js';
import { askFirst } from './confirm.js';
import { byId, create, setText } from './dom.js';
import { date, distance, duration, time, weekday } from './format.js';
import { toPoint } from './geo.js';
import { Journey } from './journey.js';
import { t } from './language.js';
import { saveFile } from './save-file.js';

/**
 * @typedef {import('./family.js').Family} Family
 * @typedef {import('./map-view.js').MapView} MapView
 */

/** A day is replayed in about this time. */
const REPLAY_MS = 30_000;
const FORMATS = { GPX: 'application/gpx+xml', GeoJSON: 'application/geo+json' };

/** One member's day: where they stopped and moved, and a slider that replays it on the map. */
export class HistoryPanel {
  #token;
  #family;
  #map;
  #until;
  #panel = byId('history');
  #who = byId('history-who', HTMLSelectElement);
  #day = byId('history-day', HTMLInputElement);
  #status = byId('history-status');
  #parts = byId('history-parts');
  #replay = byId('history-replay');
  #slider = byId('history-slider', HTMLInputElement);
  #play = byId('history-play');
  #actions = byId('history-actions');
  #delete = byId('history-delete');
  /** @type {Journey | null} */
  #journey = null;
  /** What is shown, or on its way: a later one makes an earlier one void. */
  #wanted = 0;
  #frame = 0;

  /**
   * @param {string} token
   * @param {Family} family
   * @param {MapView} map
   * @param {AbortSignal} until
   * @param {() => void} onBack
   */
  constructor(token, family, map, until, onBack) {
    this.#token = token;
    this.#family = family;
    this.#map = map;
    this.#until = until;
    /** @type {(id: string, type: string, action: () => void) => void} */
    const on = (id, type, action) => byId(id).addEventListener(type, action, { signal: until });
    on('history-back', 'click', onBack);
    on('history-who', 'change', () => this.#load());
    on('history-day', 'change', () => this.#load());
    on('history-before', 'click', () => this.#turn(-1));
    on('history-after', 'click', () => this.#turn(1));
    on('history-slider', 'input', () => {
      this.#stop();
      this.#show(Number(this.#slider.value));
    });
    on('history-play', 'click', () => (this.#frame ? this.#stop() : this.#start()));
    on('history-delete', 'click', () => this.#askToDelete());
    this.#actions.replaceChildren(
      ...Object.entries(FORMATS).map(([name, type]) => {
        const button = create('button', 'button small', `↓ ${name}`);
        button.type = 'button';
        button.setAttribute('aria-label', t('history.download', { format: name }));
        button.addEventListener('click', () => this.#download(name, type));
        return button;
      }),
      this.#delete,
    );
    until.addEventListener('abort', () => this.close());
  }

  get isOpen() {
    return !this.#panel.hidden;
  }

  /** @param {string} id of the member */
  open(id) {
    this.#who.replaceChildren(
      ...this.#family.members.map((member) => {
        const option = create('option', '', member.name);
        option.value = member.id;
        return option;
      }),
    );
    this.#who.value = id;
    this.#day.value = isoDay(new Date());
    this.#day.max = this.#day.value;
    this.#panel.hidden = false;
    byId('history-title').focus({ preventScroll: true });
    this.#load();
  }

  close() {
    this.#wanted++;
    this.#stop();
    this.#panel.hidden = true;
    this.#map.showDay(null);
  }

  /** The day's midnights, here. */
  get #span() {
    const [year, month, day] = this.#day.value.split('-').map(Number);
    return { from: new Date(year, month - 1, day), to: new Date(year, month - 1, day + 1) };
  }

  get #member() {
    return this.#family.get(this.#who.value);
  }

  /** @param {number} days */
  #turn(days) {
    const day = this.#span.from;
    day.setDate(day.getDate() + days);
    if (isoDay(day) <= this.#day.max) {
      this.#day.value = isoDay(day);
      this.#load();
    }
  }

  async #load() {
    const member = this.#member;
    if (!member || this.#day.value === '') {
      return;
    }
    const wanted = ++this.#wanted;
    const { from, to } = this.#span;
    this.#stop();
    setText(byId('history-title'), member.isMe ? t('history.mine') : t('history', { name: member.name }));
    setText(byId('history-weekday'), weekday(from));
    setText(this.#status, t('history.loading'));
    byId('history-after', HTMLButtonElement).disabled = this.#day.value >= this.#day.max;
    this.#arrange(null);
    try {
      const positions = await api.locations(this.#token, member.id, from, to);
      if (wanted === this.#wanted) {
        this.#arrange(new Journey(positions));
      }
    } catch (problem) {
      if (wanted === this.#wanted) {
        setText(this.#status, api.wordsFor(problem));
      }
    }
  }

  /** @param {Journey | null} journey */
  #arrange(journey) {
    const member = this.#member;
    const found = journey !== null && journey.positions.length > 0;
    this.#journey = found ? journey : null;
    this.#replay.hidden = this.#actions.hidden = !found;
    this.#delete.hidden = !member?.isMe;
    this.#parts.replaceChildren();
    this.#map.showDay(found && member ? { member, journey } : null);
    if (!journey) {
      return;
    }
    if (!found) {
      setText(this.#status, t('history.none'));
      return;
    }
    const count = journey.stops.length;
    const span = `${time(journey.from)}–${time(journey.to)}`;
    setText(this.#status, `${span} · ${t('history.summary', { distance: distance(journey.metres), count })}`);
    this.#parts.append(
      ...journey.parts.map((part) => {
        const long = duration(part.to - part.from);
        const words =
          part.kind === 'stop'
            ? t('history.stop', { duration: long })
            : part.kind === 'move'
              ? t('history.move', { distance: distance(part.metres), duration: long })
              : t('history.gap', { duration: long });
        const mark = create('span', 'part-mark', part.kind === 'stop' ? String(part.number) : '');
        const button = create(
          'button',
          'part',
          mark,
          create('span', 'part-words', words),
          create('span', 'part-time', time(part.from)),
        );
        button.type = 'button';
        button.addEventListener('click', () => {
          this.#stop();
          this.#show(part.from);
          if (part.kind === 'stop') {
            this.#map.lookAt(toPoint(part));
          }
        });
        const item = create('li', `part-item ${part.kind}`, button);
        item.classList.add(`member-colour-${member?.colour ?? 0}`);
        return item;
      }),
    );
    this.#slider.min = String(journey.from);
    this.#slider.max = String(journey.to);
    this.#show(journey.from);
  }

  /** @param {number} instant */
  #show(instant) {
    const journey = this.#journey;
    if (!journey) {
      return;
    }
    const { point, passed } = journey.at(instant);
    this.#slider.value = String(instant);
    this.#slider.setAttribute('aria-valuetext', time(instant));
    setText(byId('history-clock'), time(instant));
    this.#map.replay(point, passed);
    const current = journey.parts.findLastIndex((part) => part.from <= instant);
    [...this.#parts.children].forEach((item, index) => item.classList.toggle('current', index === current));
  }

  #start() {
    const journey = this.#journey;
    if (!journey) {
      return;
    }
    const from = Number(this.#slider.value) >= journey.to ? journey.from : Number(this.#slider.value);
    const pace = journey.replayTime / REPLAY_MS;
    const began = performance.now();
    const step = () => {
      const instant = journey.later(from, (performance.now() - began) * pace);
      this.#show(instant);
      if (instant < journey.to) {
        this.#frame = requestAnimationFrame(step);
      } else {
        this.#stop();
      }
    };
    this.#frame = requestAnimationFrame(step);
    setText(this.#play, t('history.pause'));
  }

  #stop() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    setText(this.#play, t('history.play'));
  }

  /**
   * @param {string} name
   * @param {string} type
   */
  async #download(name, type) {
    const member = this.#member;
    if (!member) {
      return;
    }
    const { from, to } = this.#span;
    try {
      const file = await api.locationsFile(this.#token, member.id, from, to, type);
      saveFile(file, `${member.name} ${this.#day.value}.${name.toLowerCase()}`);
    } catch (problem) {
      setText(this.#status, api.wordsFor(problem));
    }
  }

  #askToDelete() {
    const { from, to } = this.#span;
    const id = this.#who.value;
    askFirst({
      title: t('history.delete.title', { day: date(from) }),
      text: t('history.delete.text'),
      button: t('button.delete'),
      action: async () => {
        await api.deleteLocations(this.#token, id, from, to);
        this.#load();
      },
    });
  }
}

/** @param {Date} date as a date field has it, in the time here */
function isoDay(date) {
  const two = (/** @type {number} */ value) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
