/* Keeps a page of Notebook 7 quiet for a reader: it never asks to save, never opens a dialog, and takes only keys
   that run, read and move about. It comes before the page's own scripts, and so do its listeners. */
(() => {
  "use strict";

  const UNUSED = [
    "@jupyterlab/debugger-extension",
    "@jupyterlab/cell-toolbar-extension",
    "@jupyterlab/celltags-extension",
    "@jupyterlab/completer-extension",
    "@jupyterlab/extensionmanager-extension",
    "@jupyterlab/inspector-extension",
    "@jupyterlab/lsp-extension",
    "@jupyterlab/running-extension",
    "@jupyterlab/tooltip-extension",
    "@jupyterlab/apputils-extension:announcements",
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

  const early = { capture: true };
  window.addEventListener("beforeunload", (event) => event.stopImmediatePropagation(), early);

  // The browser's own menu copies text; the page's would cut and paste cells.
  window.addEventListener("contextmenu", (event) => event.stopImmediatePropagation(), early);

  const MOVES = new Set([
    "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "PageUp", "PageDown", "Home", "End", "Tab", "Escape",
  ]);
  const ENTRY = "input, textarea, select, button, a, .jp-OutputArea-output, .jupyter-widgets, .jp-Stdin";
  const isForPage = (event) => {
    const inside = event.target instanceof Element && event.target.closest(ENTRY);
    if (inside) return true;
    if (event.key === "Enter") return (event.shiftKey || event.ctrlKey || event.metaKey) && !event.altKey;
    return MOVES.has(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey;
  };
  window.addEventListener("keydown", (event) => {
    if (isForPage(event)) return;
    event.stopImmediatePropagation();
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") event.preventDefault();
  }, early);

  // A dialog that nobody sees would keep the focus, so it is answered with what changes nothing.
  const dismiss = () => {
    for (const dialog of document.querySelectorAll("dialog.jp-Dialog, .jp-Dialog")) {
      const buttons = dialog.querySelectorAll(".jp-Dialog-footer button, .jp-Dialog-button");
      const no = dialog.querySelector(".jp-Dialog-button.jp-mod-reject, .jp-Dialog-footer .jp-mod-reject");
      (no ?? buttons[buttons.length - 1])?.click();
    }
  };
  new MutationObserver(dismiss).observe(document, { childList: true, subtree: true });
})();
