/**
 * The server's policy lets no script of this page turn text into markup or into the address of a script (Trusted Types,
 * W3C). Two texts are let through, and nothing that came from anybody else: the letter by which OpenLayers measures a
 * font's height, and the address of the service worker.
 */
const { trustedTypes } = /** @type {any} */ (window);

trustedTypes?.createPolicy('default', {
  createHTML: (/** @type {string} */ html) => (html === 'M' ? html : null),
  createScriptURL: (/** @type {string} */ url) => (url === 'service-worker.js' ? url : null),
});
