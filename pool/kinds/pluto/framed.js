{
  // Pluto's page is as high as its cells, but for rules that make it fill a window. It shows single cells by itself
  // when its address names them (isolated_cell_id, 0.17.2).
  style: (layout) => layout.grows ? `
    html, body, pluto-editor, pluto-editor > main { min-height: 0 !important; height: auto !important; }` : "",

  root: () => document.querySelector("pluto-notebook pluto-cell") && document.body,

  height() {
    const notebook = document.querySelector("pluto-notebook");
    if (notebook === null) return 0;
    const below = parseFloat(getComputedStyle(document.body).marginBottom) || 0;
    return Math.max(document.body.getBoundingClientRect().bottom, notebook.getBoundingClientRect().bottom)
      + scrollY + below;
  },

  choose() {},
}
