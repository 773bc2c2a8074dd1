/* Topics and emerging terms live: how far a change is applied, new offers, noise added with a click, judgements counted.
   Pages work without it. */
(() => {
  const holder = document.querySelector("[data-topics-live]");
  const number = (n) => Number(n).toLocaleString("en");

  // --- Live ------------------------------------------------------------------------------------------------------
  const progress = ({ topic, done, of }, isDone) => {
    for (const place of document.querySelectorAll(`[data-state-of="${CSS.escape(String(topic))}"]`)) {
      const said = document.createElement("span");
      said.className = isDone ? "wf-st wf-st-ok is-calm" : "wf-st wf-st-due";
      said.textContent = isDone ? place.dataset.listening
        : place.dataset.applying.replace("%d", number(done)).replace("%m", number(of));
      place.replaceChildren(said);
    }
  };
  // What was applied between the page and the connection was announced to nobody.
  async function catchUp() {
    for (const place of document.querySelectorAll("[data-state-of]")) {
      if (!place.querySelector(".wf-st-due")) continue;
      const answer = await fetch(place.dataset.state, { headers: { "X-Requested-With": "fetch" } });
      if (answer.ok && !answer.redirected) place.outerHTML = await answer.text();
    }
  }
  let wanted = 0;
  const list = document.querySelector("[data-emerging]");
  async function refresh() {
    wanted = 0;
    if (list.contains(document.activeElement) || list.matches(":hover") || list.querySelector("details[open]")) { later(); return; }
    const answer = await fetch(list.dataset.emerging, { headers: { "X-Requested-With": "fetch" } });
    if (answer.redirected) { location.reload(); return; }
    if (answer.ok) list.innerHTML = await answer.text();
  }
  const later = () => { if (!wanted) wanted = setTimeout(() => refresh().catch(() => {}), 1500); };

  let source;
  function listen() {
    source = new EventSource(holder.dataset.topicsLive);
    let cut = false;
    source.addEventListener("hello", () => { if (cut && list) later(); cut = false; catchUp().catch(() => {}); });
    source.addEventListener("mentions", (event) => {
      const told = JSON.parse(event.data);
      if (told.applying) progress(told.applying, told.applied === told.applying.topic);
    });
    source.addEventListener("emerging", () => { if (list) later(); });
    source.onerror = () => {
      cut = true;
      if (source.readyState === EventSource.CLOSED) { source.close(); setTimeout(listen, 3000); }
    };
  }
  if (holder) {
    listen();
    addEventListener("pagehide", () => source.close());
    addEventListener("pageshow", (event) => { if (event.persisted) listen(); });
  }

  // --- Noise: into the query, in brackets where OR would let it slip -------------------------------------------------
  const form = document.getElementById("topic-form");
  if (!form) return;
  const text = form.querySelector(".q-text");
  const hasLooseOr = (query) => {
    let depth = 0;
    for (const part of query.matchAll(/"(?:\\.|[^"\\])*"?|\{[^}]*\}?|[()]|[^\s()"{}]+/gu)) {
      if (part[0] === "(") depth += 1;
      else if (part[0] === ")") depth -= 1;
      else if (part[0] === "OR" && depth === 0) return true;
    }
    return false;
  };
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-noise]");
    if (!button) return;
    event.preventDefault();
    const query = text.value.trimEnd();
    text.value = `${hasLooseOr(query) ? `(${query.trim()})` : query}\nNOT (${button.dataset.noise})`;
    text.dispatchEvent(new Event("input", { bubbles: true }));
    button.disabled = true;
    text.focus();
  });

  // --- Judgements: kept while the query changes, counted beside their heading -----------------------------------------
  const judged = new Map();
  const count = () => {
    for (const place of form.querySelectorAll("[data-judged]")) {
      const said = [...judged].filter(([name]) => name.startsWith(`${place.dataset.judged}-`)).map(([, value]) => value);
      place.textContent = said.length ? `${said.filter((value) => value === "yes").length} / ${said.length} ✓` : "";
    }
  };
  form.addEventListener("change", (event) => {
    if (event.target.type !== "radio") return;
    judged.set(event.target.name, event.target.value);
    count();
  });
  document.body.addEventListener("htmx:afterSettle", () => {
    for (const [name, value] of judged) {
      const radio = form.querySelector(`input[name="${CSS.escape(name)}"][value="${CSS.escape(value)}"]`);
      if (radio) radio.checked = true;
    }
    count();
  });
})();
