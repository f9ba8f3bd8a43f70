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
  let inside = false;
  let wanted = null;

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

  // Notebooks take the focus when they come up. In a frame that would be another page's, where somebody may write:
  // only a reader's own act leads in. Where they come by the page around the frame, what was wanted last has it.
  for (const kind of [HTMLElement, SVGElement]) {
    const { focus } = kind.prototype;
    kind.prototype.focus = function (...how) {
      if (inside || document.hasFocus()) focus.apply(this, how);
      else wanted = this;
    };
  }
  for (const act of ["pointerdown", "mousedown", "touchend", "keydown"]) {
    addEventListener(act, (event) => { inside ||= event.isTrusted; }, { capture: true, passive: true });
  }
  addEventListener("blur", (event) => { if (event.target === window) inside = false; }, true);

  const enter = () => {
    if (wanted?.isConnected && document.hasFocus() && document.activeElement === document.body) {
      wanted.focus({ preventScroll: true });
    }
    wanted = null;
  };

  addEventListener("message", (event) => {
    if (event.source !== window.parent) return;
    if (event.data?.type === "warmgate:enter") enter();
    if (event.data?.type !== "warmgate:layout" || layout !== null) return;
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
