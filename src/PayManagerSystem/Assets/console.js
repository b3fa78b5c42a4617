// Starts the page, and tells the server the operator's time zone for times in it.
(() => {
  "use strict";
  const webSockets = 1;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `console_zone=${encodeURIComponent(zone)}; Path=/; Max-Age=31536000; SameSite=Strict${secure}`;
  const save = (name, text) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    link.download = name;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  globalThis.payCoreConsole = { copy: (text) => navigator.clipboard.writeText(text), save };

  // One WebSocket and no request before it: whichever instance takes it has the whole page.
  Blazor.start({
    circuit: {
      configureSignalR: (builder) => builder.withUrl("_blazor", { skipNegotiation: true, transport: webSockets }),
    },
  });
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
