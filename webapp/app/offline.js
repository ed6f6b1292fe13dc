import { whoAmI } from './api.js';

/** Has the service worker keep what this page is made of, so that it opens without a network too. */
export async function keepForOffline() {
  if (!('serviceWorker' in navigator)) {
    return; // plain http on a home network, or an old browser
  }
  try {
    await navigator.serviceWorker.register('service-worker.js');
    const { active } = await navigator.serviceWorker.ready;
    // What was loaded before the worker was there to see it.
    active?.postMessage([
      document.baseURI.split('#')[0],
      ...performance.getEntriesByType('resource').map(({ name }) => name),
    ]);
  } catch {
    // Storage is blocked: the page works, but only with a network.
  }
}

/**
 * Empties what this browser keeps of maps: it shows where somebody has looked. The server has it empty its own cache in
 * answer to a token that is no longer good.
 *
 * @param {string} token
 */
export async function forgetPlaces(token) {
  performance.clearResourceTimings();
  try {
    for (const name of await caches.keys()) {
      await caches.delete(name);
    }
    await whoAmI(token);
  } catch {
    // As it should be: nobody knows the token. Or there is no cache, or no network.
  }
}
