{
  // Notebook 7 and JupyterLab scroll inside of themselves, in a list that shows cells as they come into sight.
  style: (layout) => `
    ${layout.grows ? `
    .jp-WindowedPanel-outer { overflow-y: hidden !important; }
    .jp-mod-scrollPastEnd .jp-WindowedPanel-outer::after { display: none !important; }
    .jp-WindowedPanel-viewport > .jp-Cell { content-visibility: visible !important; }` : ""}
    ${layout.cells.length ? `
    body[data-notebook="notebooks"] :is(#top-panel-wrapper, #menu-panel-wrapper, .jp-NotebookPanel-toolbar,
      .jp-Notebook-footer, .jp-Cell:not([data-warmgate-chosen]), .jp-CodeCell .jp-Cell-inputWrapper,
      .jp-cell-toolbar, .jp-OutputPrompt, .jp-InputPrompt, .jp-Collapser) { display: none !important; }
    body[data-notebook="notebooks"] :is(#main-panel, #main-panel .jp-NotebookPanel, .jp-NotebookPanel-notebook) {
      top: 0 !important; height: 100% !important; width: 100% !important;
    }
    .jp-WindowedPanel-inner { margin: 0 !important; padding: 0 !important; }` : ""}`,

  list: () => document.querySelector(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-WindowedPanel-viewport"),

  root() { return this.list(); },

  height() {
    const list = this.list();
    if (list === null) return 0;
    const outer = list.closest(".jp-WindowedPanel-outer");
    const bottom = Math.max(...[...outer.children].map((each) => each.getBoundingClientRect().bottom));
    return bottom + outer.scrollTop + (innerHeight - outer.getBoundingClientRect().bottom) + 1;
  },

  // The page's elements know the places of cells and not their ids; the notebook's file knows both.
  async choose(cells) {
    const { baseUrl } = JSON.parse(document.getElementById("jupyter-config-data").textContent);
    const path = location.pathname.split("/notebooks/")[1];
    if (path === undefined) return;
    const answer = await fetch(`${baseUrl}api/contents/${path}?type=notebook&content=1`);
    if (!answer.ok) return;
    const ids = (await answer.json()).content.cells.map((cell, index) => cell.id ?? `cell-${index + 1}`);
    const mark = () => {
      for (const cell of document.querySelectorAll(".jp-Cell[data-windowed-list-index]")) {
        cell.toggleAttribute("data-warmgate-chosen", cells.includes(ids[cell.dataset.windowedListIndex]));
      }
    };
    new MutationObserver(mark).observe(document.documentElement, {
      childList: true, subtree: true, attributeFilter: ["data-windowed-list-index"],
    });
    mark();
  },
}
