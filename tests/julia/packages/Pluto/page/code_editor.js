// The code of a cell. It has keys and clipboard in its own hands, as Pluto's editor has (CodeMirror 6): they change the
// code whether the browser lets one type there or not. The caret is behind the last character, or all is selected.
function make_editor({ on_change, on_run, on_run_and_add }) {
    const content = element("div", { className: "cm-content", contentEditable: "true", spellcheck: false })
    content.setAttribute("role", "textbox")
    content.setAttribute("aria-label", "Code")
    const editor = element("div", { className: "cm-editor" }, content)
    let code = ""
    let all_selected = false

    const show = (new_code) => {
        all_selected = false
        content.textContent = code = new_code
    }
    const change = (new_code) => {
        show(new_code)
        on_change(code)
    }
    const type = (text) => change(all_selected ? text : code + text)
    const erase = () => change(all_selected ? "" : code.slice(0, -1))
    const keys = {
        "Shift-Enter": on_run,
        "Ctrl-Enter": on_run_and_add,
        Enter: () => type("\n"),
        Tab: () => type("\t"),
        "Shift-Tab": () => change(code.replace(/^\t/, "")),
        Backspace: erase,
        Delete: () => all_selected && erase(),
        "Ctrl-/": () => change(code.startsWith("# ") ? code.slice(2) : `# ${code}`),
        "Ctrl-a": () => (all_selected = true),
        "Ctrl-m": () => change(`md"""\n${code}\n"""`),
    }
    const own = (type_of_event, handle) =>
        content.addEventListener(type_of_event, (event) => {
            if (handle(event) !== false) event.preventDefault()
        })
    own("keydown", (event) => {
        const held = (event.ctrlKey || event.metaKey ? "Ctrl-" : "") + (event.shiftKey ? "Shift-" : "")
        const run = keys[held + event.key]
        return run === undefined ? false : void run()
    })
    own("beforeinput", (event) => void type(event.data ?? ""))
    own("paste", (event) => void type(event.clipboardData.getData("text/plain")))
    own("drop", (event) => void type(event.dataTransfer.getData("text/plain")))
    own("cut", () => all_selected && void erase())

    // As Pluto has it, for whoever knows.
    editor.CodeMirror = { getValue: () => code, setValue: change }
    return { editor, show, code: () => code }
}
