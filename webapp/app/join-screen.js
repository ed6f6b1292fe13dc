import * as api from './api.js';
import { deviceName } from './device-name.js';
import { byId, setText } from './dom.js';
import { t } from './language.js';
import { forgetCode, readCode } from './session.js';

/**
 * @typedef {import('./session.js').Session} Session
 *
 * @typedef {object} Opening
 * @property {string | null} code from the link; without one it is asked for
 * @property {string} [notice] why the family is no longer shown
 * @property {Session | null} [current] the member this browser already is
 */

/** The first page: a name, and the code unless the link brought it. */
export class JoinScreen {
  #screen = byId('join-screen');
  #form = byId('join-form', HTMLFormElement);
  #lead = byId('join-lead');
  #notice = byId('join-notice');
  #codeField = byId('join-code-field');
  #code = byId('join-code', HTMLInputElement);
  #name = byId('join-name', HTMLInputElement);
  #problem = byId('join-problem');
  #submit = byId('join-submit', HTMLButtonElement);
  #back = byId('join-back', HTMLButtonElement);
  #onJoined;
  /** @type {string | null} */
  #linkCode = null;
  /** @type {Session | null} */
  #current = null;
  /** Whose next device the code signs in, or '' where it lets somebody new join. */
  #returning = '';
  #family = byId('join-family', HTMLInputElement);
  #familyField = byId('join-family-field');

  /**
   * @param {(session: Session) => void} onJoined
   * @param {() => void} onBack to the family this browser already belongs to
   */
  constructor(onJoined, onBack) {
    this.#onJoined = onJoined;
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#join();
    });
    this.#back.addEventListener('click', () => {
      forgetCode();
      onBack();
    });
  }

  /** @param {Opening} opening */
  open({ code, notice, current }) {
    this.#linkCode = code;
    this.#current = current ?? null;
    this.#codeField.hidden = code !== null;
    this.#code.value = '';
    setText(this.#problem, '');
    setText(this.#lead, current ? t('join.already', { name: current.user.name }) : t('join.lead'));
    this.#notice.hidden = !notice;
    setText(this.#notice, notice ?? '');
    this.#back.hidden = !current;
    setText(this.#back, current ? t('join.stay', { name: current.user.name }) : '');
    this.#screen.hidden = false;
    this.#welcome('');
    (code === null ? this.#code : this.#name).focus({ preventScroll: true });
    if (code !== null) {
      this.#lookAt(code);
    }
  }

  /**
   * A code may be for one more device of somebody who is a member already: then nobody asks for a name.
   *
   * @param {string} code
   */
  async #lookAt(code) {
    try {
      const { name, first } = await api.validate(code);
      if (code !== this.#linkCode) {
        return;
      }
      if (name) {
        this.#welcome(name);
        this.#submit.focus();
      } else if (first) {
        this.#familyField.hidden = false;
        setText(this.#submit, t('join.start'));
        setText(this.#lead, t('join.start.lead'));
      }
    } catch {
      // Without a network it is asked for when somebody joins.
    }
  }

  /** @param {string} returning */
  #welcome(returning) {
    this.#returning = returning;
    this.#familyField.hidden = true;
    byId('join-name-field').hidden = returning !== '';
    setText(this.#submit, returning ? t('join.device', { name: returning }) : t('join'));
    if (returning) {
      setText(this.#lead, t('join.device.lead', { name: returning }));
    }
  }

  close() {
    this.#screen.hidden = true;
  }

  async #join() {
    const code = this.#linkCode ?? readCode(this.#code.value);
    const name = this.#returning || this.#name.value.trim();
    if (code === '') {
      this.#complain(t('join.needsCode'), this.#code);
      return;
    }
    if (name === '') {
      this.#complain(t('join.needsName'), this.#name);
      return;
    }
    setText(this.#problem, '');
    this.#submit.disabled = true;
    try {
      const { token, user } = await api.join(code, name, deviceName(), this.#current?.token);
      forgetCode();
      const family = this.#familyField.hidden ? '' : this.#family.value.trim();
      if (family) {
        await api.changeFamily(token, { name: family }).catch(() => {}); // it can be named later too
      }
      this.#onJoined({ token, user });
    } catch (problem) {
      await this.#explain(problem, code);
    } finally {
      this.#submit.disabled = false;
    }
  }

  /**
   * @param {unknown} problem
   * @param {string} code
   */
  async #explain(problem, code) {
    const refused = problem instanceof api.ApiProblem && problem.statusCode === 400;
    if (!refused || (await isGood(code))) {
      this.#complain(api.wordsFor(problem), this.#name);
      return;
    }
    // A used or mistyped code: let people try another one without looking for a different page.
    if (this.#linkCode !== null) {
      this.#code.value = this.#linkCode;
      this.#linkCode = null;
      this.#welcome('');
      this.#codeField.hidden = false;
      forgetCode();
    }
    this.#complain(t('join.badCode'), this.#code);
  }

  /**
   * @param {string} text
   * @param {HTMLElement} field
   */
  #complain(text, field) {
    this.#problem.textContent = text;
    field.focus();
  }
}

/** @param {string} code */
async function isGood(code) {
  try {
    return (await api.validate(code)).valid;
  } catch {
    return true; // not to be known: what the server said first is as good
  }
}
