/* Keys of whoever lets posts onto a wall: j and k choose (as in every list), y lets in, n keeps off. The chosen post stays
   chosen when the list is drawn again. */
(() => {
  const gate = document.getElementById("gate");
  let at = null;
  const chosen = () => gate.querySelector(".is-at") ?? (at && gate.querySelector(`[data-id="${CSS.escape(at)}"]`));
  gate.addEventListener("wf:chosen", (event) => { at = event.target.dataset.id; });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target !== gate || !at) return;
    gate.querySelector(`[data-id="${CSS.escape(at)}"]`)?.classList.add("is-at");
  });
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
    if (event.key !== "y" && event.key !== "n") return;
    const row = chosen() ?? gate.querySelector("[data-row]");
    if (!row) return;
    event.preventDefault();
    const next = row.nextElementSibling;
    at = next?.dataset?.id ?? row.dataset.id;
    row.querySelector(`[data-key-${event.key}]`).click();
  });
})();
