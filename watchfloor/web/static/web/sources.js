/* Keeps the list of sources in step: hears that one changed, and has the list fetched, at most once a second. */
(() => {
  const list = document.querySelector("[data-sources-live]");
  if (!list) return;
  let source = null, due = 0;
  const fetchList = () => { due = 0; document.body.dispatchEvent(new CustomEvent("wf:sources")); };
  function listen() {
    source = new EventSource(list.dataset.sourcesLive);
    source.addEventListener("sources", () => { due ||= setTimeout(fetchList, 1000); });
    source.addEventListener("reload", fetchList);
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED) { source.close(); setTimeout(listen, 3000); }
    };
  }
  listen();
})();
