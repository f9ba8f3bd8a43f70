// What the page does with keys and clipboard wherever the focus is, as Pluto's does.
const select = (wanted) => {
    for (const cell of document.querySelectorAll("pluto-cell")) cell.classList.toggle("selected", wanted)
}

function listen_for_shortcuts(notebook) {
    document.addEventListener("keydown", (event) => {
        const { key } = event
        const with_ctrl = event.ctrlKey || event.metaKey
        const selected = [...document.querySelectorAll("pluto-cell.selected")].map(({ id }) => id)
        if (key === "s" && with_ctrl) {
            for (const id of changed_cells(notebook)) notebook.edit_and_run(id, codes.get(id).code()).catch(console.error)
        } else if (key === "a" && with_ctrl && document.activeElement === document.body) select(true)
        else if (["Backspace", "Delete"].includes(key) && selected.length > 0) notebook.remove(selected).catch(console.error)
        else return
        event.preventDefault()
    })
    document.addEventListener("mousedown", () => select(false))
    // A whole notebook is opened in this one's place.
    document.addEventListener("paste", async (event) => {
        const text = event.clipboardData.getData("text/plain")
        if (!text.startsWith("### A Pluto.jl notebook ###")) return
        const answer = await fetch("notebookupload", { method: "POST", body: text })
        location.href = `edit?id=${await answer.text()}`
    })
}
