// The page loads OpenLayers as lib/ol.js.
import ol from 'ol/dist/ol.js';
export default ol;
