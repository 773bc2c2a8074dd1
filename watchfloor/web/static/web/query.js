/* Colours a query while it is typed, in a mirror behind the text, and marks where it is wrong. */
(() => {
  const PARTS = /("(?:\\.|[^"\\])*"?|\{[^}]*\}?)|(\b(?:AND|OR|NOT|NEAR\/\d+f?)\b(?=\s|\(|$)|(?:^|(?<=[\s(]))-(?=[^\s-]))|([a-z]+:)(?=\S)|([()])/gu;
  const KINDS = ["q-str", "q-op", "q-field", "q-par"];

  /* Completion as an ARIA combobox: the list follows the caret's word; arrows choose, Enter and Tab take, Escape closes. */
  function completing(box, text, address, redraw) {
    const list = document.createElement("ul");
    list.className = "q-list wf-pop";
    list.id = `${text.id}-list`;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", text.getAttribute("aria-label"));
    list.hidden = true;
    box.append(list);
    text.setAttribute("role", "combobox");
    text.setAttribute("aria-autocomplete", "list");
    text.setAttribute("aria-expanded", "false");
    text.setAttribute("aria-controls", list.id);
    let found = null, at = -1, asked = 0, timer = 0;

    const close = () => {
      list.hidden = true;
      found = null;
      at = -1;
      text.setAttribute("aria-expanded", "false");
      text.removeAttribute("aria-activedescendant");
    };
    const choose = (to) => {
      at = (to + found.items.length) % found.items.length;
      [...list.children].forEach((option, n) => option.setAttribute("aria-selected", String(n === at)));
      list.children[at].scrollIntoView({ block: "nearest" });
      text.setAttribute("aria-activedescendant", list.children[at].id);
    };
    const show = () => {
      list.replaceChildren(...found.items.map((item, n) => {
        const option = document.createElement("li");
        option.id = `${list.id}-${n}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        const label = document.createElement("span"), hint = document.createElement("span");
        label.textContent = item.label;
        label.className = "wf-cut";
        label.dir = "auto";
        hint.textContent = item.hint;
        hint.className = "wf-faint";
        option.append(label, hint);
        option.addEventListener("pointerdown", (event) => { event.preventDefault(); take(item); });
        return option;
      }));
      at = -1;
      text.removeAttribute("aria-activedescendant");
      list.hidden = !found.items.length;
      text.setAttribute("aria-expanded", String(!list.hidden));
    };
    // Offsets count code points, the box counts UTF-16 units.
    const units = (points) => [...text.value].slice(0, points).join("").length;
    const take = (item) => {
      let [from, to] = [units(found.from), units(found.to)];
      if (item.filter) {
        while (from > 0 && !/[\s(]/.test(text.value[from - 1])) from -= 1; // "tag:" goes, too
        text.setRangeText("", from, to, "end");
        const more = document.createElement("input");
        Object.assign(more, { type: "hidden", name: item.filter[0], value: item.filter[1] });
        text.form.append(more);
        close();
        text.form.requestSubmit();
        return;
      }
      const space = item.insert.endsWith(":") || /^\s/.test(text.value.slice(to)) ? "" : " ";
      text.setRangeText(item.insert + space, from, to, "end");
      close();
      redraw();
      text.dispatchEvent(new Event("input", { bubbles: true }));
    };
    const ask = async () => {
      const mine = ++asked;
      const body = new FormData();
      body.set("q", text.value);
      body.set("at", [...text.value.slice(0, text.selectionStart)].length);
      try {
        const answer = await fetch(address, { method: "POST", body, headers: { "X-CSRFToken": document.cookie.match(/(?:^|; )watchfloor_csrf=([^;]+)/)?.[1] ?? "" } });
        if (mine !== asked || !answer.ok || answer.redirected || document.activeElement !== text) return;
        found = await answer.json();
        if (mine === asked) show();
      } catch { close(); }
    };
    text.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 140); });
    text.addEventListener("blur", close);
    text.addEventListener("keydown", (event) => {
      if (list.hidden || !found) return;
      const act = { ArrowDown: () => choose(at + 1), ArrowUp: () => choose(at < 0 ? -1 : at - 1), Escape: close }[event.key]
        ?? ((event.key === "Enter" || event.key === "Tab") && at >= 0 ? () => take(found.items[at]) : null);
      if (act) { event.preventDefault(); event.stopPropagation(); act(); }
    });
    return close;
  }

  for (const box of document.querySelectorAll(".q-box")) {
    const text = box.querySelector(".q-text");
    const mirror = box.querySelector(".q-mirror");
    let wrongAt = null;

    const span = (kind, words) => {
      const element = document.createElement("span");
      element.className = kind;
      element.textContent = words;
      return element;
    };
    const draw = () => {
      const value = text.value;
      const pieces = [];
      let at = 0;
      for (const found of value.matchAll(PARTS)) {
        if (found.index > at) pieces.push(document.createTextNode(value.slice(at, found.index)));
        pieces.push(span(KINDS[found.slice(1).findIndex((part) => part !== undefined)], found[0]));
        at = found.index + found[0].length;
      }
      pieces.push(document.createTextNode(value.slice(at) + "\u200b"));
      mirror.replaceChildren(...pieces);
      if (wrongAt !== null) mark(value);
      mirror.scrollTop = text.scrollTop;
    };
    // Offsets count code points; text nodes count UTF-16 units.
    const mark = (value) => {
      const from = [...value].slice(0, wrongAt).join("").length;
      const word = value.slice(from).match(/^\S+/)?.[0].length || 1;
      let left = from;
      const walker = document.createTreeWalker(mirror, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        if (left < node.length) {
          const range = document.createRange();
          range.setStart(node, left);
          range.setEnd(node, Math.min(node.length, left + word));
          range.surroundContents(span("q-err", ""));
          return;
        }
        left -= node.length;
      }
    };
    const readError = () => {
      const means = document.getElementById(text.getAttribute("aria-describedby"))?.querySelector("[data-error-at]");
      const said = means?.dataset.errorAt ?? "";
      wrongAt = said === "" ? null : Number(said);
      box.closest(".wf-query").classList.toggle("is-error", wrongAt !== null);
      text.setAttribute("aria-invalid", String(wrongAt !== null));
      draw();
    };

    const address = text.form?.dataset.complete;
    if (address) completing(box, text, address, () => { wrongAt = null; draw(); });

    box.classList.add("is-coloured");
    text.addEventListener("input", () => { wrongAt = null; draw(); });
    text.addEventListener("scroll", () => { mirror.scrollTop = text.scrollTop; });
    text.addEventListener("keydown", (event) => {
      if (event.defaultPrevented) return; // the list of completions took it
      if (event.key === "Enter" && !event.shiftKey && text.form?.method === "get") {
        event.preventDefault();
        text.form.requestSubmit();
      }
    });
    document.body.addEventListener("htmx:afterSettle", readError);
    readError();

    const save = document.querySelector("[data-save-topic]");
    if (save) text.addEventListener("input", () => { save.href = `${save.href.split("?")[0]}?q=${encodeURIComponent(text.value)}`; });
  }
})();
