/**
 * The element with this id. A missing one is a mistake in index.html and ends the page early rather than later.
 *
 * @template {HTMLElement} [E=HTMLElement]
 * @param {string} id
 * @param {new () => E} [type] what it must be, where more than HTMLElement is needed
 * @returns {E}
 */
export function byId(id, type) {
  const element = document.getElementById(id);
  if (!(element instanceof (type ?? HTMLElement))) {
    throw new Error(`index.html lacks #${id}`);
  }
  return /** @type {E} */ (element);
}

/**
 * A new element. Children that are strings become text, never markup: names come from other people.
 *
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {string} className
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function create(tag, className, ...children) {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children);
  return element;
}

/**
 * Sets the text only where it differs, so that screen readers and the layout are left alone otherwise.
 *
 * @param {HTMLElement} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}
