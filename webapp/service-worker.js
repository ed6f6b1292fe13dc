/**
 * Keeps the page and its map for times without a network. It never touches what the API answers, nor any request with a
 * token: what is true of a family is true only now, and for those who may know.
 */

const CACHE = 'draugar';
/** A server that is frozen must not keep the page from opening: for so long it may say nothing. */
const ANSWER_WITHIN_MS = 1_500;
/** Then it is not waited for again for this long: a page is made of many files. */
const AGAIN_AFTER_MS = 10_000;
let silentUntil = 0;

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

/** The page tells what it is made of. */
self.addEventListener('message', (event) => event.waitUntil(keepAll(event.data)));

self.addEventListener('fetch', (event) => {
  if (isOurs(event.request)) {
    event.respondWith(answer(event.request));
  }
});

/**
 * Whether it is a part of the page, the same for everybody.
 *
 * @param {Request} request
 */
function isOurs(request) {
  const scope = self.registration.scope;
  return (
    request.method === 'GET' &&
    request.url.startsWith(scope) &&
    !/^(api|ws)(\/|\?|$)/.test(request.url.slice(scope.length)) &&
    !request.headers.has('Authorization') &&
    !request.headers.has('Range')
  );
}

/**
 * From the network, so that page and server fit together; from the cache where there is none, where the server says
 * nothing, and where somebody else answers in its place, such as a proxy. What does not change comes from the cache
 * first: tiles of the map, and what has its version in its address.
 *
 * @param {Request} request
 */
async function answer(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request, { ignoreVary: true });
  const page = request.mode === 'navigate' ? await cache.match(self.registration.scope) : undefined;
  const instead = kept ?? page;
  if (instead && (Date.now() < silentUntil || isLasting(request.url))) {
    return instead;
  }
  try {
    const response = await (instead ? Promise.race([fetch(request), silence()]) : fetch(request));
    const ours = response.type === 'basic' && isDraugars(response);
    if (response.ok && ours) {
      await cache.put(request, response.clone());
    }
    return ours || !instead ? response : instead;
  } catch (problem) {
    if (instead) {
      silentUntil = Date.now() + AGAIN_AFTER_MS;
      return instead;
    }
    throw problem;
  }
}

/** @returns {Promise<Response>} never one */
function silence() {
  return new Promise((_, reject) => setTimeout(() => reject(new Error('no answer')), ANSWER_WITHIN_MS));
}

/**
 * Whether Draugar itself answered, and not a map of streets behind the same address: that has no end.
 *
 * @param {Response} response
 */
function isDraugars(response) {
  return response.headers.has('Permissions-Policy');
}

/** @param {string} url */
const isLasting = (url) => url.endsWith('.mvt') || versionOf(url) !== undefined;

/** @param {string} url */
const versionOf = (url) => /^page\/(\w+)\//.exec(url.slice(self.registration.scope.length))?.[1];

/**
 * Keeps what the page is made of, and nothing of earlier versions of it.
 *
 * @param {string[]} urls
 */
async function keepAll(urls) {
  const cache = await caches.open(CACHE);
  const version = urls.map(versionOf).find(Boolean);
  for (const { url } of version ? await cache.keys() : []) {
    if (versionOf(url) && versionOf(url) !== version) {
      await cache.delete(url);
    }
  }
  const requests = urls.map((url) => new Request(url)).filter(isOurs);
  await Promise.allSettled(
    requests.map(async (request) => {
      const response = (await cache.match(request)) ? null : await fetch(request);
      if (response?.ok && isDraugars(response)) {
        await cache.put(request, response);
      }
    }),
  );
}
