/**
 * Who this browser is: the device token and the member it belongs to.
 *
 * @typedef {object} Session
 * @property {string} token
 * @property {import('./contract.js').User} user
 */

const SESSION = 'draugar.session';
const CODE = 'draugar.code';

/** @returns {Session | null} */
export function loadSession() {
  try {
    const session = JSON.parse(localStorage.getItem(SESSION) ?? 'null');
    const usable = typeof session?.token === 'string' && typeof session?.user?.id === 'string';
    return usable ? session : null;
  } catch {
    return null; // storage is blocked, or something else wrote there
  }
}

/** @param {Session} session */
export function saveSession(session) {
  try {
    localStorage.setItem(SESSION, JSON.stringify(session));
  } catch {
    // Blocked storage: the family is shown until this tab closes.
  }
}

/** Whether the browser keeps who it is for the next time: not where storage is blocked. */
export function isKept() {
  return loadSession() !== null;
}

export function forgetSession() {
  try {
    localStorage.removeItem(SESSION);
  } catch {
    // Blocked storage: nothing was kept.
  }
}

/**
 * Calls back when another tab of this browser left the family or joined another one.
 *
 * @param {() => void} listener
 */
export function onSessionChangedElsewhere(listener) {
  window.addEventListener('storage', (event) => {
    if (event.key === SESSION || event.key === null) {
      listener();
    }
  });
}

/**
 * Takes the invite code out of the address bar (`#/join/<code>`), so that it is neither bookmarked nor read over a
 * shoulder. Kept for this tab until it is used: a phone may reload the page while somebody types a name.
 *
 * @returns {string | null}
 */
export function takeCode() {
  const inAddress = codeIn(location.hash);
  if (inAddress) {
    history.replaceState(null, '', location.pathname + location.search);
    inTab((storage) => storage.setItem(CODE, inAddress));
    return inAddress;
  }
  return inTab((storage) => storage.getItem(CODE));
}

export function forgetCode() {
  inTab((storage) => storage.removeItem(CODE));
}

/**
 * The code in what somebody pasted: a whole invite link, or the code itself.
 *
 * @param {string} typed
 */
export function readCode(typed) {
  return codeIn(typed) ?? typed.replace(/[\s-]/g, '').toUpperCase();
}

/** @param {string} link */
function codeIn(link) {
  const code = /#\/join\/([^/?#\s]+)/.exec(link)?.[1];
  if (!code) {
    return null;
  }
  try {
    return decodeURIComponent(code);
  } catch {
    return code;
  }
}

/**
 * @template T
 * @param {(storage: Storage) => T} use
 * @returns {T | null}
 */
function inTab(use) {
  try {
    return use(sessionStorage);
  } catch {
    return null; // storage is blocked
  }
}
