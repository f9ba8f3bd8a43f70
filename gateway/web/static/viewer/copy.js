// Puts a text on the clipboard, or marks it where a browser does not allow that.
for (const button of document.querySelectorAll(".copy")) {
  button.hidden = false;
  const name = button.innerHTML;
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copies);
    try {
      await navigator.clipboard.writeText(text.textContent);
      button.textContent = "Copied";
      setTimeout(() => { button.innerHTML = name; }, 2000);
    } catch {
      getSelection().selectAllChildren(text);
    }
    document.getElementById("said").textContent = "Copied";
  });
}
