// A reader's page: code can be read, selected and run, and not typed into. The gateway refuses what is typed
// anyhow; this keeps readers from trying.
(() => {
    const editors = ".cm-content[contenteditable=true], pluto-input textarea:not([readonly])"
    const calm = () => {
        for (const editor of document.querySelectorAll(editors)) {
            if (editor.matches("textarea")) editor.readOnly = true
            else {
                editor.setAttribute("contenteditable", "false")
                // Focus stays possible: that is where Shift-Enter is pressed.
                editor.tabIndex = 0
            }
        }
    }
    new MutationObserver(calm).observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ["contenteditable"] })
    // Leaving loses nothing here, so nothing is asked.
    window.addEventListener("beforeunload", (event) => event.stopImmediatePropagation(), { capture: true })
})()
