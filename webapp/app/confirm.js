import { wordsFor } from './api.js';
import { byId, setText } from './dom.js';
import { t } from './language.js';
import { openDialog } from './layers.js';

/**
 * @typedef {object} Question
 * @property {string} title
 * @property {string} text
 * @property {string} button what happens
 * @property {() => Promise<void>} action done while the question stands; where it fails, its reason is shown there
 */

/** @type {Question | null} */
let asked = null;
const dialog = byId('confirm-dialog', HTMLDialogElement);
const confirm = byId('confirm-do', HTMLButtonElement);

byId('confirm-cancel').addEventListener('click', () => dialog.close());
confirm.addEventListener('click', async () => {
  confirm.disabled = true;
  setText(byId('confirm-problem'), '');
  try {
    await asked?.action();
    dialog.close();
  } catch (problem) {
    setText(byId('confirm-problem'), wordsFor(problem));
  } finally {
    confirm.disabled = false;
  }
});

/**
 * Asks before something that cannot be undone.
 *
 * @param {Question} question
 */
export function askFirst(question) {
  asked = question;
  setText(byId('confirm-title'), question.title);
  setText(byId('confirm-text'), question.text);
  setText(byId('confirm-problem'), '');
  setText(confirm, question.button);
  setText(byId('confirm-cancel'), t('button.cancel'));
  openDialog(dialog);
}
