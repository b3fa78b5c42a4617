// Tells the server the operator's time zone, for times in pages.
(() => {
  "use strict";
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `console_zone=${encodeURIComponent(zone)}; Path=/; Max-Age=31536000; SameSite=Strict${secure}`;
})();
// What was left empty in a filter stands in no address.
document.addEventListener("formdata", (e) => {
  if (e.target.method === "get") {
    [...e.formData.entries()].filter(([, value]) => value === "").forEach(([name]) => e.formData.delete(name));
  }
});
// A list that was opened to choose from closes when something else is pressed.
document.addEventListener("click", (e) => {
  document.querySelectorAll("details.pick[open]").forEach((pick) => {
    if (!pick.contains(e.target)) {
      pick.open = false;
    }
  });
});
globalThis.payCoreConsole = { copy: (text) => navigator.clipboard.writeText(text) };
