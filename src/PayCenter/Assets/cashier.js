// Refines what the server rendered: counts the seconds and notices news. Without it the page reloads by itself.
(() => {
  "use strict";
  const sheet = document.querySelector("[data-status]");
  if (!sheet) return;

  const { status, page, key } = sheet.dataset;
  const clock = document.querySelector("[data-countdown]");
  const pollMs = 2000;
  const pollMsMax = 15000;
  let wait = pollMs;
  let timer = 0;
  let end = 0;

  // The server's seconds, counted by a clock that nobody can set.
  const setSeconds = (seconds) => {
    end = performance.now() + seconds * 1000;
  };

  const two = (n) => String(n).padStart(2, "0");
  const show = () => {
    if (!clock) return;
    const s = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    const text = s < 3600
      ? `${Math.floor(s / 60)}:${two(s % 60)}`
      : `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
    if (clock.textContent !== text) clock.textContent = text;
  };

  const ask = async () => {
    clearTimeout(timer);
    if (document.hidden) return;
    try {
      const answer = await fetch(status, { headers: { accept: "application/json" }, cache: "no-store", credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      const news = await answer.json();
      if (news.key !== key) {
        location.replace(page);
        return;
      }
      setSeconds(news.seconds_left);
      wait = pollMs;
    } catch {
      wait = Math.min(wait * 2, pollMsMax);
    }
    timer = setTimeout(ask, wait);
  };

  // A second press does nothing; the number in the form would make it harmless anyway.
  document.addEventListener("submit", (event) => {
    if (event.target.dataset.sent) {
      event.preventDefault();
      return;
    }
    event.target.dataset.sent = "1";
    event.target.setAttribute("aria-busy", "true");
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
  document.addEventListener("visibilitychange", ask);

  setSeconds(Number(sheet.dataset.secondsLeft));
  show();
  setInterval(show, 250);
  timer = setTimeout(ask, pollMs);
})();
