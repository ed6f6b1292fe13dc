/** Modules of white around a QR code (ISO/IEC 18004). */
const QUIET_ZONE = 4;

/**
 * Draws a QR code and shows it.
 *
 * @param {HTMLElement} place
 * @param {import('draugar').QrCode} code
 */
export function drawQrCode(place, { size, path }) {
  const drawing = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const whole = size + 2 * QUIET_ZONE;
  drawing.setAttribute('viewBox', `${-QUIET_ZONE} ${-QUIET_ZONE} ${whole} ${whole}`);
  drawing.setAttribute('aria-hidden', 'true');
  const dark = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  dark.setAttribute('d', path);
  drawing.append(dark);
  place.replaceChildren(drawing);
  place.hidden = false;
}
