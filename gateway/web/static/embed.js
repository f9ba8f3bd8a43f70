/* Makes live embeds of links and elements: <a data-warmgate href="…/view/NAME"> and <div data-warmgate="NAME">.
   data-live="visible", data-cells="a,b", data-bar="0" and data-height="400" are the author's choices. */
(() => {
  "use strict";
  const base = new URL(".", document.currentScript.src);
  const MOST = 30000;
  const SILENCE = 3000;
  const frames = new Map();
  let warned = false;

  const nameOf = (element) => {
    if (element.dataset.warmgate) return element.dataset.warmgate;
    const { href = "" } = element;
    return href.startsWith(`${base}view/`) ? href.slice(`${base}view/`.length).split(/[/?#]/)[0] : "";
  };

  function embed(element) {
    const name = nameOf(element);
    if (!/^[a-z0-9-]+$/.test(name) || element.warmgate) return;
    element.warmgate = true;
    const address = new URL(`embed/${name}`, base);
    for (const option of ["live", "cells", "bar"]) {
      if (element.dataset[option]) address.searchParams.set(option, element.dataset[option]);
    }
    const frame = document.createElement("iframe");
    frame.title = element.title || element.textContent.trim() || name;
    frame.allow = "fullscreen; clipboard-write";
    frame.loading = "lazy";
    // Its room is kept, but nothing is seen of it until it has said something: a browser's picture of a page that
    // was refused says nothing.
    frame.style.cssText =
      `display:block;visibility:hidden;width:100%;border:0;height:${Number(element.dataset.height) || 400}px`;
    frame.addEventListener("load", () => setTimeout(giveUp, SILENCE, frame, name));
    frame.src = address;
    frames.set(frame, element);
    if (element.localName === "a") {
      element.after(frame);
    } else {
      element.append(frame);
    }
  }

  function giveUp(frame, name) {
    if (frame.style.visibility !== "hidden" || frame.style.display === "none") return;
    frame.style.display = "none";
    if (warned) return;
    warned = true;
    console.warn(`warmgate: nothing came from ${base}embed/${name}. Is there a notebook of this name, and is ` +
      `${location.origin} among the gateway's embed_origins?`);
  }

  const look = (root) => {
    if (root.matches?.("[data-warmgate]")) embed(root);
    root.querySelectorAll?.("[data-warmgate]").forEach(embed);
  };

  addEventListener("message", ({ source, origin, data }) => {
    if (origin !== base.origin || data?.type !== "warmgate:height" || !Number.isFinite(data.height)) return;
    for (const [frame, element] of frames) {
      if (!frame.isConnected) {
        frames.delete(frame);
      } else if (frame.contentWindow === source) {
        const height = `${Math.min(Math.max(data.height, 40), MOST)}px`;
        Object.assign(frame.style, { display: "block", visibility: "", height });
        // The link has been of use where the frame is refused; here it is not.
        if (element.localName === "a") element.hidden = true;
      }
    }
  });

  look(document);
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) addedNodes.forEach(look);
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
