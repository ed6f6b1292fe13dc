const BROWSERS = /** @type {[RegExp, string][]} */ ([
  [/Edg/, 'Edge'],
  [/SamsungBrowser/, 'Samsung Internet'],
  [/Firefox|FxiOS/, 'Firefox'],
  [/CriOS|Chrom/, 'Chrome'],
  [/Safari/, 'Safari'],
]);
const SYSTEMS = /** @type {[RegExp, string][]} */ ([
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/CrOS/, 'ChromeOS'],
  [/Windows/, 'Windows'],
  [/Mac OS/, 'Mac'],
  [/Linux/, 'Linux'],
]);

/** What this browser is called in the list of devices, until somebody gives it a better name. */
export function deviceName() {
  const agent = navigator.userAgent;
  const [browser, system] = [BROWSERS, SYSTEMS].map((names) => names.find(([sign]) => sign.test(agent))?.[1]);
  return [browser, system].filter(Boolean).join(' · ') || 'Browser';
}
