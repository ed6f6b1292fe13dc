import * as api from './api.js';
import { byId, setText } from './dom.js';

/**
 * Whether oneself shows up inside the tracker apps of the others: kept by the server, for each member.
 *
 * @param {string} token
 * @param {import('./family.js').Family} family
 * @param {AbortSignal} until
 */
export function wireAppsSetting(token, family, until) {
  const choice = byId('settings-apps', HTMLInputElement);
  const problem = byId('settings-apps-problem');
  const me = () => family.members.find(({ isMe }) => isMe);
  const show = () => {
    choice.checked = me()?.shownInApps ?? false;
  };
  show();
  family.addEventListener('members', show, { signal: until });
  choice.addEventListener(
    'change',
    async () => {
      const shownInApps = choice.checked;
      setText(problem, '');
      choice.disabled = true;
      try {
        await api.changeMember(token, me()?.id ?? '', { shownInApps });
        family.setMembers((await api.members(token)).users);
      } catch (wrong) {
        setText(problem, api.wordsFor(wrong));
        show();
      } finally {
        choice.disabled = false;
      }
    },
    { signal: until },
  );
}
