// A notebook's page in a frame of the gateway's tells when there is something to see, how high that is, and when it
// has lost a connection; and it grows, or shows single cells, when the page around it says so. Alone it does nothing.
//
// `page` is what one kind knows: `style(layout)` gives rules for a layout, `root()` the element whose size tells of
// changes once there is one, `height()` the pixels the page would like to have, `choose(cells)` shows only these.
function framed(page) {
  if (window.parent === window) return;
  const AGAIN = 250;
  let layout = null;
  let root = null;
  let last = 0;

  // Heights and the like are no secrets, so whoever frames the page may hear them.
  const tell = (message) => window.parent.postMessage(message, "*");

  const measure = () => {
    if (!layout?.grows) return;
    const height = Math.ceil(page.height());
    if (!height || height === last) return;
    last = height;
    tell({ type: "warmgate:height", height });
  };

  const arrange = () => {
    const style = document.createElement("style");
    style.textContent = page.style(layout);
    document.head.append(style);
    if (layout.cells.length) page.choose(layout.cells);
  };

  const look = () => {
    const found = page.root();
    if (found !== null && found !== root) {
      root = found;
      new ResizeObserver(measure).observe(root);
      tell({ type: "warmgate:shown" });
    }
    measure();
    setTimeout(look, root === null ? AGAIN : 4 * AGAIN);
  };

  addEventListener("message", (event) => {
    if (event.source !== window.parent || event.data?.type !== "warmgate:layout" || layout !== null) return;
    const { grows, cells } = event.data;
    layout = { grows: grows === true, cells: Array.isArray(cells) ? cells.map(String) : [] };
    arrange();
    measure();
  });

  // A session's end closes the page's websockets: whoever frames it looks at once, and need not ask all the time.
  window.WebSocket = class extends window.WebSocket {
    constructor(...told) {
      super(...told);
      this.addEventListener("close", () => tell({ type: "warmgate:closed" }));
    }
  };

  tell({ type: "warmgate:inside" });
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", look);
  else look();
}
