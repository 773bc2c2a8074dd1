/* A number opens what it means without leaving the page; the link works without this. Boards of hashtags move. */
(() => {
  let open = null; // the dialog that is shown, and whatever had the focus before

  async function explain(link) {
    const address = new URL(link.href, location.href);
    address.searchParams.set("fragment", "1");
    const answer = await fetch(address, { headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok || answer.redirected) { location.assign(link.href); return; }
    const dialog = document.createElement("dialog");
    dialog.className = "wf-explain";
    dialog.innerHTML = await answer.text();
    dialog.setAttribute("aria-labelledby", "explain-title");
    document.body.append(dialog);
    dialog.addEventListener("close", () => { dialog.remove(); if (open === dialog) open = null; link.focus(); });
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
    });
    open?.close();
    open = dialog;
    dialog.showModal();
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-figure]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    explain(link).catch(() => location.assign(link.href));
  });

  // --- Boards that move: each step is a board; rows glide to their places ------------------------------------------
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const STEP = 420; // ms
  function ready(board) {
    if (board.dataset.ready) return;
    board.dataset.ready = "1";
    const steps = JSON.parse(document.getElementById(board.dataset.race)?.content.textContent ?? "[]") ?? [];
    const button = board.querySelector("[data-play]");
    if (!steps.length || !button) return;
    button.hidden = false;
    button.addEventListener("click", () => play(board, steps, button));
  }
  function play(board, steps, button) {
    const list = board.querySelector("ol");
    const rows = new Map([...list.children].map((row) => [row.dataset.name, row]));
    const final = steps.at(-1).board;
    const clock = board.querySelector("[data-race-clock]");
    const show = (step, isLast) => {
      const top = Math.max(1, ...step.board.map(([, count]) => count));
      const before = new Map([...rows].map(([name, row]) => [name, row.getBoundingClientRect().top]));
      const rank = new Map(step.board.map(([name, count], at) => [name, [at, count]]));
      const order = [...rows].sort(([a], [b]) => (rank.get(a)?.[0] ?? 99) - (rank.get(b)?.[0] ?? 99) || final.findIndex(([n]) => n === a) - final.findIndex(([n]) => n === b));
      for (const [name, row] of order) {
        const count = rank.get(name)?.[1] ?? 0;
        list.append(row);
        row.querySelector("[data-count]").textContent = count ? count.toLocaleString("en") : "–";
        row.querySelector("rect").setAttribute("width", count ? Math.max(0.8, (100 * count) / top) : 0);
      }
      clock.textContent = isLast ? "" : step.at;
      if (still.matches) return;
      for (const [name, row] of rows) {
        const by = before.get(name) - row.getBoundingClientRect().top;
        if (by) row.animate([{ transform: `translateY(${by}px)` }, { transform: "none" }], { duration: STEP * 0.9, easing: "ease-out" });
      }
    };
    button.disabled = true;
    const moving = still.matches ? [steps.at(-1)] : steps;
    moving.forEach((step, at) => setTimeout(() => {
      show(step, at === moving.length - 1);
      if (at === moving.length - 1) button.disabled = false;
    }, at * STEP));
  }
  const boards = () => document.querySelectorAll("[data-race]").forEach(ready);
  boards();
  document.addEventListener("htmx:afterSwap", boards);
})();
