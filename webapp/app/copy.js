import { byId, create, setText } from './dom.js';
import { t } from './language.js';

/**
 * Copies a text, and says so on its button.
 *
 * @param {string} text
 * @param {HTMLElement} button
 */
export async function copyText(text, button) {
  const field = create('input', 'sr-only');
  field.value = text;
  button.after(field);
  await copy(field, button, byId('announcer'));
  field.remove();
  button.focus();
}

/**
 * Copies what stands in a field, and says on its button and to screen readers that it did.
 *
 * @param {HTMLInputElement} field
 * @param {HTMLElement} button
 * @param {HTMLElement} spoken
 */
export async function copy(field, button, spoken) {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    // Plain http has no clipboard; the old way works there.
    if (!document.execCommand('copy')) {
      setText(spoken, t('copy.selected'));
      return;
    }
  }
  setText(button, t('copy.done'));
  setText(spoken, t('copy.done'));
}
