/* Chooses light or dark before anything is drawn. "auto" follows the system, also while the page is open. */
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const theme = root.dataset.theme === "auto" ? (dark.matches ? "dark" : "light") : root.dataset.theme;
    if (theme !== root.dataset.bsTheme) {
      root.dataset.bsTheme = theme;
      document.dispatchEvent(new CustomEvent("wf:theme", { detail: theme }));
    }
  };
  apply();
  dark.addEventListener("change", apply);
  window.wfTheme = (theme) => { root.dataset.theme = theme; apply(); };
})();
