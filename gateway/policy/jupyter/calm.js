/* Keeps a page of Notebook 7 quiet for a reader: it never asks to save and never opens a dialog. It comes before the
   page's own scripts, and so do its listeners. Keys, menus and tools are the settings' part: see settings.py. */
(() => {
  "use strict";

  const UNUSED = [
    "@jupyterlab/cell-toolbar-extension",
    "@jupyterlab/debugger-extension",
    "@jupyterlab/lsp-extension",
    "@jupyterlab/running-extension",
    "@jupyter-notebook/lab-extension",
    "@jupyter-notebook/notebook-extension:checkpoints",
    "@jupyter-notebook/notebook-extension:close-tab",
  ];

  // Between the page's text and its scripts, which are deferred (HTML, "The end").
  const configure = () => {
    const element = document.getElementById("jupyter-config-data");
    if (document.readyState !== "interactive" || !element) return;
    const config = JSON.parse(element.textContent);
    config.disabledExtensions = [...(config.disabledExtensions ?? []), ...UNUSED];
    element.textContent = JSON.stringify(config);
  };
  document.addEventListener("readystatechange", configure);

  // The page would ask whether to leave without saving what has run.
  window.addEventListener("beforeunload", (event) => event.stopImmediatePropagation(), { capture: true });

  // By habit; the browser would offer to save the page.
  window.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") event.preventDefault();
  });

  // A dialog that nobody sees would keep the focus, so it is answered with what changes nothing.
  const dismiss = () => {
    for (const dialog of document.querySelectorAll(".jp-Dialog")) {
      const no = dialog.querySelector(".jp-Dialog-button.jp-mod-reject");
      (no ?? dialog.querySelector(".jp-Dialog-button"))?.click();
    }
  };
  new MutationObserver(dismiss).observe(document, { childList: true, subtree: true });
})();
