// A reader's page: code can be read, selected, copied and run, and not changed. The gateway refuses what is changed
// anyhow; this keeps readers from trying. It comes before the page's own scripts, and so do its listeners.
(() => {
    const code = "pluto-input .cm-content, pluto-input textarea"
    const calm = () => {
        for (const editor of document.querySelectorAll(code)) {
            if (editor.matches("textarea")) editor.readOnly = true
            else if (editor.contentEditable !== "false") {
                editor.contentEditable = "false"
                // Focus stays possible: that is where Shift-Enter is pressed.
                editor.tabIndex = 0
                editor.ariaReadOnly = "true"
            }
        }
    }
    new MutationObserver(calm).observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ["contenteditable"] })

    // An editor has keys and clipboard in its own hands, whether the browser lets one type there or not. What does
    // not reach it is the browser's: Tab goes on, arrows scroll, Ctrl-C copies.
    const in_code = ({ target }) => target instanceof Element && target.closest("pluto-input .cm-editor, pluto-input textarea") !== null
    const with_ctrl = (event) => event.ctrlKey || event.metaKey
    const modifiers = ["Control", "Meta", "Alt", "Shift"]
    const reads = (event) =>
        [...modifiers, "Escape", "F1"].includes(event.key) ||
        (event.key === "Enter" && event.shiftKey && !event.altKey && !with_ctrl(event)) ||
        (event.key?.toLowerCase() === "q" && with_ctrl(event))
    const keep_from_code = (event) => {
        if (in_code(event) && !(event.type === "keydown" && reads(event))) event.stopImmediatePropagation()
    }
    for (const type of ["keydown", "keypress", "beforeinput", "paste", "cut", "drop"]) {
        window.addEventListener(type, keep_from_code, { capture: true })
    }

    // The page's shortcuts end where it listens for them, so that an author's widgets hear every key before.
    const edits = (event) =>
        (event.key?.toLowerCase() === "a" && with_ctrl(event)) ||
        (document.querySelector("pluto-cell.selected") !== null &&
            (["Backspace", "Delete"].includes(event.key) ||
                (["ArrowUp", "ArrowDown"].includes(event.key) && event.altKey) ||
                ["BracketLeft", "BracketRight"].includes(event.code)))
    document.addEventListener("keydown", (event) => {
        if (edits(event)) event.stopImmediatePropagation()
    })
    // A notebook that is pasted or dropped would be opened in this one's place.
    document.addEventListener("paste", (event) => event.stopImmediatePropagation())
    document.addEventListener("drop", (event) => {
        event.stopImmediatePropagation()
        if (!event.target.closest?.("input, textarea")) event.preventDefault()
    })

    // By habit; Pluto would run what has changed, the browser would offer to save the page.
    window.addEventListener("keydown", (event) => {
        if (event.key?.toLowerCase() !== "s" || !with_ctrl(event)) return
        event.preventDefault()
        event.stopImmediatePropagation()
    }, { capture: true })

    // Leaving loses nothing here, so nothing is asked.
    window.addEventListener("beforeunload", (event) => event.stopImmediatePropagation(), { capture: true })
})()
