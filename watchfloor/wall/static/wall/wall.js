/* A screen: shows what the server drew, keeps its clock, says honestly when it is cut off, and finds back by itself.
   Holds one picture and nothing of the past, so hours change nothing about its size. */
(() => {
  const body = document.body, stage = document.getElementById("stage"), scene = document.getElementById("scene");
  const [CUT, LIVE, NEXT, ENDED, AGAIN, OLD, UNTIL_OVER] = body.dataset.words.split("|");
  const QUIET_SECONDS = 14; // the server speaks every 5
  const clockOf = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: body.dataset.zone });
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let heardAt = Date.now(), cutSince = null, until = null, next = null, newest = null, skew = 0, ended = false, red = stage.classList.contains("is-red"), source, again = 1500;

  // --- The picture -------------------------------------------------------------------------------------------------
  function show(told) {
    if (told.release !== body.dataset.release) { location.reload(); return; }
    skew = new Date(told.at).getTime() - Date.now();
    if (told.whole) whole(told); else for (const [number, html] of Object.entries(told.panels)) replace(number, html);
    document.getElementById("scene-title").textContent = told.title;
    scene.classList.toggle("is-blank", told.blank);
    stage.classList.toggle("is-red", told.red);
    stage.classList.toggle("is-four", !told.red && told.columns.length === 4);
    const words = document.getElementById("announcement");
    words.hidden = !told.bar;
    if (words.textContent !== told.announcement) words.textContent = told.announcement;
    until = told.until ? new Date(told.until).getTime() : null;
    next = told.red ? null : told.next;
    red = told.red;
    newest = told.foot.newest ? new Date(told.foot.newest).getTime() : null;
    sources(told.foot);
    tick();
  }
  function whole(told) {
    const same = stage.dataset.scene === String(told.scene ?? "")
      && told.columns.every(([number, columns]) => stage.querySelector(`[data-number="${number}"].w-cols-${columns}`))
      && stage.childElementCount === told.columns.length;
    if (same) { for (const [number, html] of Object.entries(told.panels)) replace(number, html); return; }
    stage.dataset.scene = told.scene ?? "";
    stage.replaceChildren(...told.columns.map(([number, columns]) => {
      const panel = document.createElement("section");
      panel.className = `w-panel w-cols-${columns} w-new`;
      panel.dataset.number = number;
      panel.innerHTML = told.panels[number] ?? "";
      return panel;
    }));
  }
  function replace(number, html) {
    const panel = stage.querySelector(`[data-number="${CSS.escape(number)}"]`);
    if (!panel) return;
    // What stays the same row moves to its new place, so that a race is seen to be run.
    const stood = new Map([...panel.querySelectorAll("[data-key]")].map((row) => [row.dataset.key, row.getBoundingClientRect()]));
    panel.innerHTML = html;
    if (still.matches || !stood.size) return;
    for (const row of panel.querySelectorAll("[data-key]")) {
      const before = stood.get(row.dataset.key);
      if (!before) { row.classList.add("w-new"); continue; }
      const shift = before.top - row.getBoundingClientRect().top;
      if (Math.abs(shift) > 1) row.animate([{ transform: `translateY(${shift}px)` }, { transform: "none" }], { duration: 600, easing: "cubic-bezier(.2,.7,.2,1)" });
    }
  }
  function sources(foot) {
    const place = document.getElementById("sources");
    const parts = [];
    if (foot.well.length) { const well = document.createElement("span"); well.className = "wf-cut"; well.textContent = foot.well.join(", "); parts.push(well); }
    for (const one of foot.ill) { const ill = document.createElement("span"); ill.className = `wf-st wf-st-${one.shape}`; ill.textContent = `${one.name} ${one.words}`; parts.push(ill); }
    place.replaceChildren(...parts);
  }

  // --- Time, freshness -----------------------------------------------------------------------------------------------
  function put(id, words) { const place = document.getElementById(id); if (place.textContent !== words) place.textContent = words; }
  function span(seconds) { return seconds < 60 ? `${seconds} s` : seconds < 3600 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3600)} h`; }
  function tick() {
    const now = Date.now() + skew;
    put("clock", clockOf.format(now));
    if (ended) return;
    const quiet = Date.now() - heardAt > QUIET_SECONDS * 1000;
    if (quiet && !cutSince) cutSince = heardAt;
    body.classList.toggle("is-stale", Boolean(cutSince));
    const fresh = document.getElementById("fresh");
    fresh.className = `wf-num wf-st ${cutSince ? "wf-st-late" : "wf-st-ok is-calm"}`;
    put("fresh", cutSince ? `${CUT} ${clockOf.format(cutSince + skew)}` : newest ? `${LIVE} · ${span(Math.max(0, Math.round((now - newest) / 1000)))}` : LIVE);
    countDown(now);
    body.dataset.old = cutSince ? "1" : "";
    put("next", cutSince ? `${OLD} ${span(Math.max(0, Math.round((Date.now() - cutSince) / 1000)))} · ${AGAIN}` : red ? UNTIL_OVER : next && until ? `${NEXT} ${next.slice(0, 40)}, ${span(Math.max(0, Math.round((until - now) / 1000)))}` : "");
    if (quiet && Date.now() - heardAt > 3 * QUIET_SECONDS * 1000) { heardAt = Date.now() - QUIET_SECONDS * 1000; open(); }
  }

  function countDown(now) {
    for (const clock of stage.querySelectorAll("[data-to]")) {
      const left = Math.max(0, Math.floor((new Date(clock.dataset.to).getTime() - now) / 1000));
      const two = (n) => String(n).padStart(2, "0");
      const days = Math.floor(left / 86400), rest = `${Math.floor(left % 86400 / 3600)}:${two(Math.floor(left % 3600 / 60))}:${two(left % 60)}`;
      const words = days ? `${days} ${days === 1 ? clock.dataset.day : clock.dataset.days} ${rest}` : rest;
      if (clock.textContent !== words) clock.textContent = words;
    }
  }
  // A picture that can't be had is told in its own words.
  stage.addEventListener("error", (event) => {
    const image = event.target;
    if (image.tagName !== "IMG") return;
    if (image.classList.contains("w-thumb")) { image.closest(".has-photo")?.classList.remove("has-photo"); image.remove(); return; }
    const told = document.createElement("div");
    told.className = "w-nophoto";
    told.append(Object.assign(document.createElement("span"), { textContent: image.alt || "–" }));
    image.replaceWith(told);
  }, true);

  // --- Hearing -----------------------------------------------------------------------------------------------------
  function open() {
    source?.close();
    source = new EventSource(body.dataset.live);
    source.addEventListener("hello", () => { again = 1500; });
    source.addEventListener("shown", (event) => { heardAt = Date.now(); cutSince = null; show(JSON.parse(event.data)); });
    source.addEventListener("ended", end);
    source.onerror = () => {
      if (ended) return;
      cutSince ??= heardAt;
      tick();
      if (source.readyState !== EventSource.CLOSED) return; // it tries again by itself
      // Refused: ask the page itself, which tells a link that has ended from a server that is away.
      source.close();
      setTimeout(async () => {
        const answer = await fetch(location.href, { method: "HEAD", redirect: "manual" }).catch(() => null);
        if (answer && (answer.status === 404 || answer.status === 403 || answer.type === "opaqueredirect")) end(); else open();
      }, again);
      again = Math.min(again * 2, 20000);
    };
  }
  function end() {
    ended = true;
    source?.close();
    body.classList.add("is-ended");
    const said = document.createElement("p");
    said.className = "w-ended";
    said.textContent = ENDED;
    stage.replaceChildren();
    stage.hidden = true;
    document.getElementById("announcement").hidden = true;
    scene.insertBefore(said, document.getElementById("foot"));
    document.getElementById("foot").hidden = true;
  }

  // --- Keys of whoever stands before it ----------------------------------------------------------------------------
  addEventListener("keydown", (event) => {
    if (event.key === "f" && !event.ctrlKey && !event.metaKey) { if (document.fullscreenElement) document.exitFullscreen(); else document.documentElement.requestFullscreen?.(); }
  });
  addEventListener("dblclick", () => document.documentElement.requestFullscreen?.());
  navigator.wakeLock?.request("screen").catch(() => {});

  setInterval(tick, 1000);
  open();
})();
