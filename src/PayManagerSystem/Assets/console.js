// Tells the server the operator's time zone, for times in pages.
(() => {
  "use strict";
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `console_zone=${encodeURIComponent(zone)}; Path=/; Max-Age=31536000; SameSite=Strict${secure}`;
})();
globalThis.payCoreConsole = { copy: (text) => navigator.clipboard.writeText(text) };
