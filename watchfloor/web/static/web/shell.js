/* The shell: menus, theme, toasts, times that run on, keys. Pages work without it. */
(() => {
  const $ = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];

  // --- Requests carry the CSRF token --------------------------------------------------------------------------
  const token = () => document.cookie.match(/(?:^|; )watchfloor_csrf=([^;]+)/)?.[1] ?? $("[name=csrfmiddlewaretoken]")?.value;
  document.addEventListener("htmx:configRequest", (event) => { event.detail.headers["X-CSRFToken"] = token(); });
  // What asks again by itself waits while somebody uses it (`data-quiet-while`: a selector), or nobody sees it.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const quiet = event.target.dataset.quietWhile;
    if (quiet && event.detail.elt === event.target && (document.hidden || document.querySelector(quiet))) event.preventDefault();
  });
  document.addEventListener("htmx:responseError", () => toast(document.body.dataset.failed || "The server refused that. Reload the page and try again."));
  document.addEventListener("htmx:sendError", () => toast("The server can’t be reached. Check the connection; nothing was changed."));

  // --- Menus close on Escape and on a click elsewhere ----------------------------------------------------------
  document.addEventListener("click", (event) => {
    for (const menu of all("details.wf-menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = $("details.wf-menu[open]");
    if (menu) { menu.open = false; $("summary", menu).focus(); }
  });
  all("details.wf-menu").forEach((menu) => menu.addEventListener("toggle", () => {
    if (menu.open) for (const other of all("details.wf-menu[open]")) if (other !== menu) other.open = false;
  }));

  // --- Theme: at once, and saved on the person ------------------------------------------------------------------
  const themes = $("[data-themes]");
  themes?.addEventListener("submit", (event) => {
    event.preventDefault();
    const theme = event.submitter?.value;
    window.wfTheme(theme);
    for (const button of all("button[name=theme]", themes)) button.setAttribute("aria-pressed", String(button.value === theme));
    const body = new FormData(themes);
    body.set("theme", theme);
    fetch(themes.action, { method: "POST", body, headers: { "X-CSRFToken": token() } });
  });

  // --- Toasts --------------------------------------------------------------------------------------------------
  const keep = (element) => setTimeout(() => element.remove(), 8000);
  function toast(words) {
    const element = document.createElement("div");
    element.className = "toast show wf-arrive";
    element.textContent = words;
    $("#wf-toasts").append(element);
    keep(element);
  }
  all("[data-toast]").forEach(keep);
  window.wfToast = toast;

  // --- Times run on ----------------------------------------------------------------------------------------------
  const spanWords = (seconds) => seconds < 60 ? `${seconds} s` : seconds < 3600 ? `${Math.floor(seconds / 60)} min`
    : seconds < 172800 ? `${Math.floor(seconds / 3600)} h` : seconds < 604800 ? `${Math.floor(seconds / 86400)} d` : null;
  setInterval(() => {
    if (document.hidden) return;
    for (const time of all("time[data-ago]")) {
      const words = spanWords(Math.max(0, Math.floor((Date.now() - Date.parse(time.dateTime)) / 1000)));
      if (words && time.textContent !== words) time.textContent = words;
    }
  }, 1000);

  // --- Keys --------------------------------------------------------------------------------------------------------
  const keys = $("#keys");
  all("[data-keys]").forEach((link) => link.addEventListener("click", (event) => { event.preventDefault(); keys.showModal(); }));
  const isWriting = (target) => target.closest?.("input, textarea, select, [contenteditable]");
  let went = 0;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target) || keys?.open) return;
    if (went && Date.now() - went < 1500) {
      went = 0;
      const link = $(`.wf-rail [data-go="${CSS.escape(event.key)}"]`);
      if (link) { event.preventDefault(); location.assign(link.href); }
      return;
    }
    const act = {
      "/": () => { const box = $("[data-query-box]"); if (box) { box.focus(); box.select?.(); } else $("[data-search]")?.click(); },
      "?": () => keys?.showModal(),
      "g": () => { went = Date.now(); },
      "j": () => move(1),
      "k": () => move(-1),
      "n": () => $("[data-show-new]:not([hidden])")?.click(),
    }[event.key];
    if (act) { event.preventDefault(); act(); }
  });
  function move(step) {
    const rows = all("[data-row]");
    if (!rows.length) return;
    const at = rows.findIndex((row) => row.classList.contains("is-at"));
    const to = rows[Math.min(rows.length - 1, Math.max(0, at + step))];
    choose(to);
    to.scrollIntoView({ block: "nearest" });
    (to.matches("a") ? to : $("[data-open]", to) ?? to).focus({ preventScroll: true });
  }
  function choose(row) {
    for (const other of all("[data-row].is-at")) other.classList.remove("is-at");
    row.classList.add("is-at");
    row.dispatchEvent(new CustomEvent("wf:chosen", { bubbles: true }));
  }
  window.wfChoose = choose;

  // A search box that was asked for from another page.
  if (location.hash === "#search") $("[data-query-box]")?.focus();
})();
