// Refines what the server rendered: counts the seconds, notices news and shows it in place. Without it the page reloads by itself.
(() => {
  "use strict";
  const pollMs = 2000;
  const pollMsMax = 15000;
  const announcer = document.querySelector("[data-announcer]");
  let sheet = document.querySelector("[data-status]");
  let wait = pollMs;
  let timer = 0;
  let end = 0;
  let source = null;

  // The server's seconds, counted by a clock that nobody can set.
  const setSeconds = (seconds) => {
    end = performance.now() + seconds * 1000;
  };

  const two = (n) => String(n).padStart(2, "0");
  const showSeconds = () => {
    const clock = sheet.querySelector("[data-countdown]");
    if (!clock) return;
    const s = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    const text = s < 3600
      ? `${Math.floor(s / 60)}:${two(s % 60)}`
      : `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
    if (clock.textContent !== text) clock.textContent = text;
    clock.parentElement.classList.toggle("late", s * 4 < Number(clock.dataset.countdown));
  };

  const get = async (address, type) => {
    const answer = await fetch(address, { headers: { accept: type }, cache: "no-store", credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer;
  };

  // The page as it is now takes this one's place, and its heading is said aloud.
  const renew = async () => {
    const answer = await get(sheet.dataset.page, "text/html");
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    const main = next.querySelector("main");
    const hadFocus = sheet.contains(document.activeElement);
    sheet.replaceWith(main);
    document.title = next.title;
    sheet = main;
    const heading = main.querySelector("h1");
    announcer.textContent = heading.textContent;
    if (hadFocus) {
      heading.tabIndex = -1;
      heading.focus();
    }
    begin();
  };

  const take = async (news) => {
    if (news.key === sheet.dataset.key) {
      setSeconds(news.seconds_left);
    } else {
      await renew();
    }
  };

  // The net under the events: asks now and then.
  const ask = async () => {
    clearTimeout(timer);
    if (document.hidden || !sheet.dataset.status) return;
    try {
      await take(await (await get(sheet.dataset.status, "application/json")).json());
      wait = pollMs;
    } catch {
      wait = Math.min(wait * 2, pollMsMax);
    }
    if (!source || source.readyState !== EventSource.OPEN) timer = setTimeout(ask, wait);
  };

  const listen = () => {
    if (source || !window.EventSource) return;
    source = new EventSource(sheet.dataset.events);
    source.onopen = () => clearTimeout(timer);
    source.onmessage = (event) => take(JSON.parse(event.data)).catch(ask);
    source.onerror = () => {
      clearTimeout(timer);
      timer = setTimeout(ask, wait);
    };
  };

  // After "paid" the browser goes back to the shop, once, unless the user stays. Coming back here by the browser's own button does not leave again.
  const leave = () => {
    const line = sheet.querySelector("[data-return]");
    const done = `left:${sheet.dataset.page}`;
    if (!line || sessionStorage.getItem(done)) return;
    const words = line.firstChild;
    const format = words.data;
    const began = performance.now();
    line.hidden = false;
    const turns = setInterval(() => {
      const left = Math.ceil(5 - (performance.now() - began) / 1000);
      words.data = format.replace("5", String(Math.max(0, left)));
      if (left > 0) return;
      clearInterval(turns);
      sessionStorage.setItem(done, "1");
      location.assign(line.dataset.return);
    }, 250);
    line.querySelector("[data-stay]").addEventListener("click", () => {
      clearInterval(turns);
      line.hidden = true;
    });
  };

  const deafen = () => {
    source?.close();
    source = null;
    clearTimeout(timer);
  };

  const begin = () => {
    for (const time of sheet.querySelectorAll("[data-local]")) {
      time.textContent = new Date(time.dateTime).toLocaleString(document.documentElement.lang);
    }
    setSeconds(Number(sheet.dataset.secondsLeft));
    showSeconds();
    if (sheet.dataset.status) {
      listen();
    } else {
      deafen();
      leave();
    }
  };

  // The wallet's own browser shows its payment. What it says afterwards proves nothing: the page asks the channel as always.
  const bridges = {
    wechat: (values) => WeixinJSBridge.invoke("getBrandWCPayRequest", values, ask),
    alipay: (values) => AlipayJSBridge.call("tradePay", values, ask),
  };
  const bridgeReady = {
    wechat: () => window.WeixinJSBridge,
    alipay: () => window.AlipayJSBridge,
  };
  const readyEvents = { wechat: "WeixinJSBridgeReady", alipay: "AlipayJSBridgeReady" };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-bridge]");
    const wallet = button?.dataset.bridge;
    if (!bridges[wallet]) return;
    const show = () => bridges[wallet](JSON.parse(button.dataset.values));
    if (bridgeReady[wallet]()) {
      show();
    } else {
      document.addEventListener(readyEvents[wallet], show, { once: true });
    }
  });

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
  // A page that nobody sees does not listen; seen again, it asks at once.
  document.addEventListener("visibilitychange", () => {
    deafen();
    if (!document.hidden && sheet.dataset.status) {
      ask();
      listen();
    }
  });

  begin();
  setInterval(showSeconds, 250);
})();
