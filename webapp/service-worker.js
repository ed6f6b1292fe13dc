/**
 * Keeps the page and its map for times without a network. It never touches what the API answers, nor any request with a
 * token: what is true of a family is true only now, and for those who may know.
 */

const CACHE = 'draugar';

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
 * From the network, so that page and server fit together; from the cache where there is none. Tiles of the map do not
 * change, so they come from the cache first.
 *
 * @param {Request} request
 */
async function answer(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request, { ignoreVary: true });
  if (kept && request.url.endsWith('.mvt')) {
    return kept;
  }
  try {
    const response = await fetch(request);
    if (response.ok && response.type === 'basic' && isDraugars(response)) {
      await cache.put(request, response.clone());
    }
    return response;
  } catch (problem) {
    const page = request.mode === 'navigate' ? await cache.match(self.registration.scope) : undefined;
    const instead = kept ?? page;
    if (instead) {
      return instead;
    }
    throw problem;
  }
}

/**
 * Whether Draugar itself answered, and not a map of streets behind the same address: that has no end.
 *
 * @param {Response} response
 */
function isDraugars(response) {
  return response.headers.has('Permissions-Policy');
}

/** @param {string[]} urls */
async function keepAll(urls) {
  const cache = await caches.open(CACHE);
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
