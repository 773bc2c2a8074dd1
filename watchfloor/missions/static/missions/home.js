/* Keeps the home page fresh: fetches its body anew when something changed, as often as the activation level allows. */
(() => {
  const home = document.getElementById("home");
  const stale = document.getElementById("wf-stale");
  if (!home) return;
  const every = Number(home.dataset.every);
  let fetchedAt = Date.now(), planned = 0, cutSince = null, source;

  // What somebody reads is not changed under them: an explanation that is open, a link that has the focus.
  const isReading = () => home.querySelector("details[open]") || home.contains(document.activeElement) || String(getSelection());

  async function renew() {
    planned = 0;
    if (document.hidden || isReading()) { soon(every); return; }
    fetchedAt = Date.now();
    const answer = await fetch(home.dataset.body, { headers: { "X-Requested-With": "fetch" } }).catch(() => null);
    if (!answer || !answer.ok) return;
    if (answer.redirected) { location.reload(); return; }
    const html = await answer.text();
    if (isReading()) { soon(every); return; }
    home.innerHTML = html;
    document.dispatchEvent(new CustomEvent("wf:figures"));
  }
  function soon(wait = 0) {
    if (!planned) planned = setTimeout(renew, Math.max(wait, every - (Date.now() - fetchedAt), 50));
  }

  function listen() {
    source = new EventSource(home.dataset.live);
    source.addEventListener("hello", () => {
      if (cutSince) soon();
      cutSince = null;
      stale.hidden = true;
      home.classList.remove("is-stale");
    });
    source.addEventListener("mentions", (event) => {
      const told = JSON.parse(event.data);
      if (told.level) { location.reload(); return; }
      soon();
    });
    source.addEventListener("sources", () => soon());
    source.addEventListener("reload", () => soon());
    source.onerror = () => {
      cutSince ??= new Date();
      setTimeout(() => {
        if (!cutSince || Date.now() - cutSince < 4000) return;
        stale.querySelector("[data-stale-since]").textContent = cutSince.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
        stale.hidden = false;
        home.classList.add("is-stale");
      }, 4100);
      if (source.readyState === EventSource.CLOSED) { source.close(); setTimeout(listen, 3000); }
    };
  }
  listen();
  setInterval(() => soon(), Math.max(60000, every)); // clocks, silences and goals move without a post
  document.addEventListener("visibilitychange", () => { if (!document.hidden) soon(); });
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => { if (event.persisted) listen(); });
})();
