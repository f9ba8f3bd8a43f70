// Asks before somebody's own changes go: `what` is "restart" or "end".

const QUESTIONS = {
  restart: ["Restart fresh?", "You get a new notebook. This one is gone, with everything you changed in it.", "Restart"],
  end: ["End this notebook?", "It is gone then, with everything you changed in it.", "End it"],
};

export function sure(what) {
  const dialog = document.getElementById("sure");
  const [title, text, act] = QUESTIONS[what];
  document.getElementById("sure-title").textContent = title;
  document.getElementById("sure-text").textContent = text;
  document.getElementById("act").textContent = act;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "act"), { once: true });
  });
}
