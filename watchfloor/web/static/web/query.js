/* Colours a query while it is typed, in a mirror behind the text, and marks where it is wrong. */
(() => {
  const PARTS = /("(?:\\.|[^"\\])*"?|\{[^}]*\}?)|(\b(?:AND|OR|NOT|NEAR\/\d+f?)\b(?=\s|\(|$)|(?:^|(?<=[\s(]))-(?=[^\s-]))|([a-z]+:)(?=\S)|([()])/gu;
  const KINDS = ["q-str", "q-op", "q-field", "q-par"];

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

    box.classList.add("is-coloured");
    text.addEventListener("input", () => { wrongAt = null; draw(); });
    text.addEventListener("scroll", () => { mirror.scrollTop = text.scrollTop; });
    text.addEventListener("keydown", (event) => {
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
