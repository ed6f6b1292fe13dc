import './trusted-types.js';
import { JoinScreen } from './join-screen.js';
import { translatePage } from './language.js';
import { forgetPicture } from './last-picture.js';
import { LiveScreen } from './live-screen.js';
import { forgetPlaces, keepForOffline } from './offline.js';
import { forgetSession, loadSession, onSessionChangedElsewhere, saveSession, takeCode } from './session.js';

/** @typedef {import('./session.js').Session} Session */

translatePage();

/**
 * What this tab is signed in as; kept here too, because a browser may refuse to store it.
 *
 * @type {Session | null}
 */
let session = loadSession();

const joinScreen = new JoinScreen(
  (joined) => {
    session = joined;
    saveSession(joined);
    showFamily(joined);
  },
  () => start(),
);

const liveScreen = new LiveScreen((notice) => {
  const token = session?.token;
  session = null;
  forgetSession();
  forgetPicture();
  if (token) {
    forgetPlaces(token);
  }
  joinScreen.open({ code: null, notice });
});

/** @param {Session} current */
function showFamily(current) {
  joinScreen.close();
  liveScreen.open(current);
}

function start() {
  const code = takeCode();
  if (session && code === null) {
    showFamily(session);
  } else {
    joinScreen.open({ code, current: session });
  }
}

window.addEventListener('hashchange', () => {
  if (location.hash.startsWith('#/join/')) {
    liveScreen.close();
    start();
  }
});

onSessionChangedElsewhere(() => {
  session = loadSession();
  liveScreen.close();
  start();
});

start();
keepForOffline();
