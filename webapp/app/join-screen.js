import * as api from './api.js';
import { byId, setText } from './dom.js';
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
    this.#codeField.hidden = code !== null;
    this.#code.value = '';
    setText(this.#problem, '');
    setText(this.#lead, leadFor(current ?? null));
    this.#notice.hidden = !notice;
    setText(this.#notice, notice ?? '');
    this.#back.hidden = !current;
    setText(this.#back, current ? `Stay as ${current.user.name}` : '');
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
      this.#complain('Enter the invite code, or open the link you were sent.', this.#code);
      return;
    }
    if (name === '') {
      this.#complain('Enter the name your family knows you by.', this.#name);
      return;
    }
    setText(this.#problem, '');
    this.#submit.disabled = true;
    try {
      const { token, user } = await api.join(code, name);
      forgetCode();
      this.#onJoined({ token, user });
    } catch (problem) {
      this.#explain(problem);
    } finally {
      this.#submit.disabled = false;
    }
  }

  /** @param {unknown} problem */
  #explain(problem) {
    // A used or mistyped code: let people try another one without looking for a different page.
    const maybeTheCode = problem instanceof api.ApiProblem && problem.statusCode === 400;
    if (maybeTheCode && this.#linkCode !== null) {
      this.#code.value = this.#linkCode;
      this.#linkCode = null;
      this.#codeField.hidden = false;
      forgetCode();
    }
    this.#complain(
      problem instanceof Error ? problem.message : String(problem),
      maybeTheCode ? this.#code : this.#name,
    );
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

/** @param {Session | null} current */
function leadFor(current) {
  if (current) {
    return `On this device you are already ${current.user.name}. Joining again replaces that.`;
  }
  return 'See where your family is, live.';
}
