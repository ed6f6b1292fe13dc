import * as api from './api.js';
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
    (code === null ? this.#code : this.#name).focus({ preventScroll: true });
  }

  close() {
    this.#screen.hidden = true;
  }

  async #join() {
    const code = this.#linkCode ?? readCode(this.#code.value);
    const name = this.#name.value.trim();
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
      const { token, user } = await api.join(code, name, this.#current?.token);
      forgetCode();
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
