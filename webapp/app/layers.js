/**
 * What lies over the family: dialogs, whom the map follows, a day. The back button takes the uppermost one away,
 * instead of leaving Draugar, which has one address.
 *
 * @typedef {{close: () => void}} Layer
 */

/** @type {Layer[]} */
const layers = [];
let settling = 0;

/** How many layers the browser's history thinks that there are. */
const depth = () => Number(history.state?.depth ?? 0);

if (depth() > 0) {
  history.replaceState(null, ''); // from before a reload
}

window.addEventListener('popstate', () => {
  while (layers.length > depth()) {
    layers.pop()?.close();
  }
});

/**
 * @param {() => void} close called when somebody goes back
 * @returns {() => void} to be called when it has been closed otherwise
 */
export function enterLayer(close) {
  const layer = { close };
  layers.push(layer);
  const state = { depth: layers.length };
  // One that was just closed has left its place in the history.
  if (depth() >= layers.length) {
    history.replaceState(state, '');
  } else {
    history.pushState(state, '');
  }
  return () => {
    const index = layers.indexOf(layer);
    if (index >= 0) {
      layers.splice(index, 1);
      clearTimeout(settling);
      settling = window.setTimeout(() => {
        if (depth() > layers.length) {
          history.go(layers.length - depth());
        }
      });
    }
  };
}

/**
 * Opens a dialog, which the back button and a press beside it close too.
 *
 * @param {HTMLDialogElement} dialog
 */
export function openDialog(dialog) {
  if (dialog.open) {
    return;
  }
  dialog.showModal();
  const ended = new AbortController();
  const left = enterLayer(() => dialog.close());
  const beside = (/** @type {PointerEvent} */ { target, clientX, clientY }) => {
    const { left: x, right, top, bottom } = dialog.getBoundingClientRect();
    return target === dialog && (clientX < x || clientX > right || clientY < top || clientY > bottom);
  };
  let began = false;
  dialog.addEventListener('pointerdown', (event) => (began = beside(event)), { signal: ended.signal });
  // Not where somebody only let go of a text that they selected.
  dialog.addEventListener('pointerup', (event) => began && beside(event) && dialog.close(), { signal: ended.signal });
  dialog.addEventListener(
    'close',
    () => {
      ended.abort();
      left();
    },
    { signal: ended.signal },
  );
}
