/* What is done to mentions in Explore: tick, tag, hide, correct, by mouse and by key. Forms work without it; with it
   they are sent behind the page, which hears of the change by itself. */
(() => {
  const $ = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const isWriting = (target) => target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]");
  const modified = (event) => event.ctrlKey || event.metaKey || event.altKey || $("#keys")?.open;

  // --- The queue of labels: its buttons by key --------------------------------------------------------------------
  if ($("[data-answers]")) {
    document.addEventListener("keydown", (event) => {
      if (modified(event) || event.repeat || isWriting(event.target)) return;
      const button = $(`[data-answers] [data-key="${CSS.escape(event.key)}"]`);
      if (button) { event.preventDefault(); button.click(); }
    });
  }

  const page = $("#explore-live");
  const extra = $("#more-keys");
  if (extra) $("#keys dl")?.append(extra.content.cloneNode(true));
  const views = $("[data-views]");
  document.addEventListener("keydown", (event) => {
    if (event.key !== "s" || !views || modified(event) || isWriting(event.target)) return;
    event.preventDefault();
    views.open = true;
    $("[data-view-name]", views).focus();
  });
  const bulk = $("#e-bulk");
  if (!page || !bulk) return;
  const list = $("#mentions");
  const details = $("#details");
  const ticked = () => all(".e-pick input:checked", list);
  const chosen = () => $(".wf-mention.is-at:not(.is-gone)", list);
  const count = $("[data-count]", bulk);

  // --- Sending --------------------------------------------------------------------------------------------------
  async function send(body, isHiding) {
    let said;
    try {
      const answer = await fetch(bulk.getAttribute("action"), { method: "POST", body, headers: { "X-Requested-With": "fetch" } });
      if (answer.redirected || answer.status === 403) { location.reload(); return; }
      said = (await answer.json()).says;
    } catch { said = "The server can’t be reached. Check the connection; nothing was changed."; }
    window.wfToast(said);
    if (body.get("do") === "hide") offerUndo(body.getAll("post"));
    for (const box of ticked()) box.checked = false;
    tell();
    const open = $(".e-details", details);
    if (open && isHiding) details.replaceChildren();
    else if (open) setTimeout(() => { const row = chosen(); if (row) row.dispatchEvent(new CustomEvent("wf:chosen", { bubbles: true })); else details.replaceChildren(); }, 150);
  }
  // The last toast gets a way back.
  function offerUndo(ids) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-sm e-undo";
    button.textContent = bulk.dataset.undo;
    button.addEventListener("click", async () => { await send(filled({ do: "show" }, ids)); location.reload(); });
    document.getElementById("wf-toasts").lastElementChild?.append(" ", button);
  }
  const filled = (pairs, ids) => {
    const body = new FormData();
    body.set("csrfmiddlewaretoken", $("[name=csrfmiddlewaretoken]", bulk).value);
    for (const [name, value] of Object.entries(pairs)) body.set(name, value);
    for (const id of ids) body.append("post", id);
    return body;
  };
  const meant = () => { const boxes = ticked(); return boxes.length ? boxes.map((box) => box.value) : chosen() ? [chosen().dataset.id] : []; };

  bulk.addEventListener("submit", (event) => {
    event.preventDefault();
    const by = event.submitter;
    bulk.classList.remove("is-tagging");
    if (by?.name === "hide") { hideRow(by.value); return; }
    send(filled({ do: by.value, tag: bulk.elements.tag.value, category: bulk.elements.category?.value ?? "", sentiment: bulk.elements.sentiment.value }, meant()), by.value === "hide");
    bulk.elements.tag.value = "";
  });
  function hideRow(id) { const row = $(`[data-id="${CSS.escape(id)}"]`, list); if (row?.classList.contains("is-at")) step(row); send(filled({ do: "hide" }, [id]), !chosen()); }
  function step(row) { const next = row.nextElementSibling ?? row.previousElementSibling; if (next?.matches("[data-row]")) window.wfChoose(next); }
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-act]")) return;
    event.preventDefault();
    const body = new FormData(form, event.submitter);
    send(body);
  });

  // --- Ticking ------------------------------------------------------------------------------------------------------
  function tell() {
    const n = ticked().length;
    count.textContent = count.dataset.words.replace("%n", n || (bulk.classList.contains("is-tagging") ? 1 : 0));
  }
  let last = null;
  list.addEventListener("click", (event) => {
    const box = event.target.closest(".e-pick input");
    if (!box) return;
    event.stopPropagation();
    if (event.shiftKey && last) { // a stretch of rows
      const boxes = all(".e-pick input", list);
      const [a, b] = [boxes.indexOf(last), boxes.indexOf(box)].sort((x, y) => x - y);
      for (const other of boxes.slice(a, b + 1)) other.checked = box.checked;
    }
    last = box;
    tell();
  }, true);
  list.addEventListener("click", (event) => { if (event.target.closest(".e-pick")) event.stopPropagation(); }, true);
  bulk.addEventListener("reset", () => { bulk.classList.remove("is-tagging"); for (const box of ticked()) box.checked = false; setTimeout(tell); });

  // --- Correcting in the row ----------------------------------------------------------------------------------------
  list.addEventListener("click", (event) => {
    const label = event.target.closest("[data-correct]");
    const tag = event.target.closest("[data-tag]");
    if (tag) { event.stopPropagation(); event.preventDefault(); window.wfChoose(tag.closest("[data-row]")); startTagging(); return; }
    if (event.target.closest("[data-hide]")) { event.stopPropagation(); return; }
    if (!label) return;
    event.stopPropagation();
    const row = label.closest("[data-row]");
    const choice = document.createElement("span");
    choice.className = "e-correct";
    choice.setAttribute("role", "group");
    for (const option of bulk.elements.sentiment.options) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-sm";
      button.textContent = option.textContent;
      button.setAttribute("aria-pressed", String(option.value === label.dataset.correct));
      button.addEventListener("click", (pressed) => { pressed.stopPropagation(); choice.replaceWith(label); send(filled({ do: "sentiment", sentiment: option.value }, [row.dataset.id])); });
      choice.append(button);
    }
    choice.addEventListener("keydown", (pressed) => { if (pressed.key === "Escape") { pressed.stopPropagation(); choice.replaceWith(label); label.focus(); } });
    label.replaceWith(choice);
    choice.firstElementChild.focus();
  }, true);

  // --- Keys ---------------------------------------------------------------------------------------------------------
  function startTagging() { bulk.classList.add("is-tagging"); tell(); bulk.elements.tag.focus(); }
  bulk.elements.tag.addEventListener("keydown", (event) => {
    if (event.key === "Enter") { event.preventDefault(); bulk.requestSubmit($("[value=tag]", bulk)); chosen()?.querySelector("[data-open]")?.focus({ preventScroll: true }); }
    if (event.key === "Escape") { bulk.classList.remove("is-tagging"); tell(); chosen()?.querySelector("[data-open]")?.focus({ preventScroll: true }); }
  });
  const SENTIMENTS = { 1: "negative", 2: "neutral", 3: "positive" };
  document.addEventListener("keydown", (event) => {
    if (modified(event) || isWriting(event.target)) return;
    const ids = meant();
    if (event.key === "x" && chosen()) { const box = $(".e-pick input", chosen()); box.checked = !box.checked; tell(); }
    else if (!ids.length) return;
    else if (event.key in SENTIMENTS) send(filled({ do: "sentiment", sentiment: SENTIMENTS[event.key] }, ids));
    else if (event.key === "t") startTagging();
    else if (event.key === "h") { if (ids.length === 1) hideRow(ids[0]); else send(filled({ do: "hide" }, ids), true); }
    else return;
    event.preventDefault();
  });
  tell();
})();
