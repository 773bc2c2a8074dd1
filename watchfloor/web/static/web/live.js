/* Keeps an open Explore page in step: hears what changed, asks for the fragments with its own rights, at most once a
   second, and never moves what is being read. */
(() => {
  const page = document.getElementById("explore-live");
  if (!page) return;
  const list = document.getElementById("mentions");
  const figures = document.getElementById("figures");
  const details = document.getElementById("details");
  const button = document.querySelector("[data-show-new]");
  const stale = document.getElementById("wf-stale");
  const MOST_ROWS = 300, MOST_WAITING = 200, CHUNK = 100;
  const topics = new Set(page.dataset.topics ? page.dataset.topics.split(",") : []);
  const rowOf = (id) => list.querySelector(`[data-id="${CSS.escape(id)}"]`);
  const holder = () => list.querySelector("[data-rows-here]");
  const asked = () => { const q = new URLSearchParams(location.search); q.delete("post"); return q; };
  const clock = () => new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

  let heardNew = new Set(), heardChanged = new Set(), heardGone = new Set();
  let waiting = new Map(); // id → row, held back while somebody reads
  let more = false; // more are waiting than we hold
  let figuresAreOld = false, busy = false, pointer = false, cutSince = null;

  // --- Asking ----------------------------------------------------------------------------------------------------
  async function get(address, parameters) {
    const answer = await fetch(`${address}?${parameters}`, { headers: { "X-Requested-With": "fetch" } });
    if (answer.redirected || answer.status === 403) { location.reload(); throw new Error("signed out"); }
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return answer.text();
  }
  async function rowsOf(ids) {
    const found = new Map();
    for (let at = 0; at < ids.length; at += CHUNK) {
      const parameters = asked();
      parameters.set("ids", ids.slice(at, at + CHUNK).join(","));
      const held = document.createElement("template");
      held.innerHTML = await get(page.dataset.rows, parameters);
      for (const row of held.content.querySelectorAll("[data-id]")) found.set(row.dataset.id, row);
    }
    return found;
  }

  // --- Reading or not ---------------------------------------------------------------------------------------------
  list.addEventListener("pointerenter", () => { pointer = true; });
  list.addEventListener("pointerleave", () => { pointer = false; });
  const isRead = () => pointer || list.contains(document.activeElement) || list.querySelector(".is-at")
    || list.getBoundingClientRect().top < 0;

  // --- Once a second -----------------------------------------------------------------------------------------------
  async function settle() {
    if (busy || document.hidden || !(heardNew.size || heardChanged.size || heardGone.size || figuresAreOld)) return;
    busy = true;
    const fresh = [...heardNew].slice(-MOST_WAITING), changed = [...heardChanged], gone = [...heardGone];
    if (heardNew.size > MOST_WAITING) more = true;
    heardNew = new Set(); heardChanged = new Set(); heardGone = new Set();
    try {
      const open = [...changed, ...gone].filter((id) => rowOf(id));
      const wanted = page.dataset.islive ? fresh.filter((id) => !rowOf(id)) : [];
      const rows = wanted.length || open.length ? await rowsOf([...new Set([...wanted, ...open])]) : new Map();
      for (const id of open) rows.has(id) ? replace(id, rows.get(id)) : bury(id);
      for (const id of gone) waiting.delete(id);
      for (const id of wanted) if (rows.has(id)) waiting.set(id, rows.get(id));
      if (!isRead()) show(); else offer();
      if (figuresAreOld && !figures.querySelector("[data-brushing]") && !figures.contains(document.activeElement)) await redraw();
    } catch { fresh.forEach((id) => heardNew.add(id)); changed.forEach((id) => heardChanged.add(id)); gone.forEach((id) => heardGone.add(id)); }
    busy = false;
  }
  async function redraw() {
    figuresAreOld = false;
    const held = document.createElement("template");
    held.innerHTML = await get(page.dataset.figures, asked());
    const place = figures.querySelector("[data-chart]");
    const chart = held.content.querySelector("[data-chart]");
    chart.replaceChildren(...place.childNodes); // keep the drawing until the new one is ready
    figures.replaceChildren(held.content);
    document.dispatchEvent(new CustomEvent("wf:figures"));
  }
  function replace(id, row) {
    const old = rowOf(id);
    if (old.classList.contains("is-at")) row.classList.add("is-at");
    old.replaceWith(row);
  }
  function bury(id) {
    const row = rowOf(id);
    if (row.classList.contains("is-gone")) return;
    row.classList.add("is-gone");
    const words = document.getElementById("gone-words").content.firstElementChild.cloneNode(true);
    words.textContent = words.textContent.replace("{time}", clock());
    for (const old of row.querySelectorAll(".wf-words, .wf-who > b, .wf-who > .wf-cut, .wf-who > .wf-st")) old.remove();
    row.querySelector(".wf-who").after(words);
    row.querySelector(".avatar").textContent = "–";
    row.querySelector(".wf-acts").replaceChildren();
    if (details.querySelector(`[data-of="${CSS.escape(id)}"]`)) details.replaceChildren();
  }
  function show() {
    if (more) { reload(); return; }
    if (!waiting.size) { offer(); return; }
    list.querySelector("[data-empty]")?.remove();
    const rows = [...waiting.values()].sort((a, b) => (BigInt(b.dataset.id) > BigInt(a.dataset.id) ? 1 : -1));
    waiting = new Map();
    for (const row of rows) {
      const after = [...holder().children].find((other) => BigInt(other.dataset.id) < BigInt(row.dataset.id));
      row.classList.add("wf-arrive");
      holder().insertBefore(row, after ?? null);
    }
    while (holder().children.length > MOST_ROWS) holder().lastElementChild.remove();
    offer();
  }
  async function reload() {
    more = false;
    waiting = new Map();
    const parameters = asked();
    parameters.delete("before");
    list.innerHTML = await get(page.dataset.rows, parameters);
    offer();
  }
  function offer() {
    const count = waiting.size;
    button.hidden = !count && !more;
    const words = button.firstElementChild;
    words.textContent = words.dataset.newWords.replace("%n", more ? `${MOST_WAITING}+` : String(count));
  }
  button.addEventListener("click", () => { show(); scrollTo({ top: Math.min(scrollY, list.offsetTop - 120) }); });
  setInterval(settle, 1000);
  document.addEventListener("visibilitychange", settle);

  // --- Hearing ------------------------------------------------------------------------------------------------------
  let source;
  function listen() {
    source = new EventSource(page.dataset.live);
    source.addEventListener("hello", () => {
      if (cutSince) { figuresAreOld = true; reload().catch(() => {}); refresh(); }
      cutSince = null;
      stale.hidden = true;
      page.classList.remove("is-stale");
    });
    source.addEventListener("mentions", (event) => {
      let first = !heardNew.size && !heardChanged.size && !heardGone.size;
      for (const [topic, change] of Object.entries(JSON.parse(event.data).topics ?? {})) {
        if (topics.size && !topics.has(topic)) continue;
        for (const id of change.new ?? []) heardNew.add(String(id));
        for (const id of change.changed ?? []) heardChanged.add(String(id));
        for (const id of change.gone ?? []) heardGone.add(String(id));
        figuresAreOld = true;
      }
      if (first) soon();
    });
    source.addEventListener("sources", refresh);
    source.addEventListener("ended", () => location.reload()); // may no longer watch: the page itself says so
    source.addEventListener("reload", () => { figuresAreOld = true; more = true; offer(); });
    source.onerror = () => {
      if (!cutSince) cutSince = new Date();
      setTimeout(() => {
        if (!cutSince || Date.now() - cutSince < 4000) return;
        stale.querySelector("[data-stale-since]").textContent = cutSince.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
        stale.hidden = false;
        page.classList.add("is-stale");
      }, 4100);
      if (source.readyState === EventSource.CLOSED) { source.close(); setTimeout(listen, 3000); }
    };
  }
  // The first change after a quiet second is shown at once; what follows waits for the next second.
  let last = 0;
  function soon() { if (Date.now() - last > 1000) { last = Date.now(); setTimeout(settle, 50); } }
  let freshAt = 0;
  function refresh() {
    const fresh = document.getElementById("wf-fresh");
    if (!fresh?.dataset.fresh || Date.now() - freshAt < 1000) return;
    freshAt = Date.now();
    fetch(fresh.dataset.fresh).then((answer) => answer.ok && !answer.redirected ? answer.text() : null).then((html) => { if (html !== null) fresh.innerHTML = html; }).catch(() => {});
  }
  setInterval(refresh, 10000);
  listen();
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => { if (event.persisted) listen(); });

  // --- One mention in the side column -------------------------------------------------------------------------------
  async function open(row) {
    const address = page.dataset.post.replace(/0\/$/, `${row.dataset.id}/`);
    try { details.innerHTML = await get(address, asked()); } catch { window.wfToast("This mention is no longer shown."); }
  }
  list.addEventListener("wf:chosen", (event) => { if (details.querySelector(".e-details") || innerWidth > 1200) open(event.target); });
  list.addEventListener("click", (event) => {
    const row = event.target.closest("[data-row]");
    if (!row || row.classList.contains("is-gone") || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const link = event.target.closest("a");
    if (link && !link.hasAttribute("data-open")) return;
    if (!link && String(getSelection())) return;
    event.preventDefault();
    window.wfChoose(row);
    open(row);
  });
  details.addEventListener("click", (event) => {
    if (!event.target.closest("[data-close-details]")) return;
    event.preventDefault();
    details.replaceChildren();
    const row = list.querySelector(".is-at");
    row?.classList.remove("is-at");
    row?.querySelector("[data-open]")?.focus();
  });
})();
