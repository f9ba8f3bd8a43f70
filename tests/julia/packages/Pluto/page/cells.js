// Cells on the page; an output is made anew when the cell has run again.
const TREE = "application/vnd.pluto.tree+object"
const TRACE = "application/vnd.pluto.stacktrace+object"
const isolated = new URLSearchParams(location.search).getAll("isolated_cell_id")

function element(name, properties = {}, ...children) {
    const made = Object.assign(document.createElement(name), properties)
    made.append(...children)
    return made
}

function make_cell(id, notebook) {
    const output = element("pluto-output")
    const start = () => notebook.edit_and_run(id, code.code()).catch(console.error)
    const code = make_editor({
        on_change: () => tell_of_changes(notebook),
        on_run: start,
        on_run_and_add: () => notebook.add_after(id).then(start).catch(console.error),
    })
    codes.set(id, code)
    const run = element("button", { className: "runcell", textContent: "Run" })
    run.addEventListener("click", start)
    const cell = element("pluto-cell", { id }, output, element("pluto-input", {}, code.editor, run))
    if (isolated.length > 0) {
        cell.querySelector("pluto-input").hidden = true
        cell.hidden = !isolated.includes(id)
    }
    return cell
}

const codes = new Map()

const changed_cells = (notebook) =>
    notebook.state.cell_order.filter((id) => codes.has(id) && codes.get(id).code() !== notebook.state.cell_inputs[id]?.code)

function tell_of_changes(notebook) {
    document.body.classList.toggle("code_differs", changed_cells(notebook).length > 0)
}

// A list's elements as text; "more" asks the server for the next ones.
function tree(body, cell_id, notebook) {
    const shown = (body_of_item, mime) =>
        mime === TREE ? tree(body_of_item, cell_id, notebook) : element("span", { textContent: mime === TRACE ? body_of_item.msg : body_of_item })
    const list = element("pluto-tree", {}, body.prefix_short ?? "", "(")
    const items = body.key_value ? [body.key_value] : body.elements ?? []
    for (const item of items) {
        if (item === "more") {
            const more = element("button", { className: "more", textContent: "more" })
            more.onclick = () => notebook.connection.send("reshow_cell", { objectid: body.objectid, dim: 1, cell_id })
            list.append(more)
        } else if (Array.isArray(item[0])) list.append(shown(...item[0]), " => ", shown(...item[1]), ", ")
        else list.append(...(body.type === "NamedTuple" ? [`${item[0]} = `] : []), shown(...item[1]), ", ")
    }
    list.append(")")
    return list
}

function show_output(output, cell_id, { body, mime }, notebook) {
    output.replaceChildren()
    if (mime === "text/html") {
        output.innerHTML = body
        wire_bonds(output, notebook)
    } else if (mime === TRACE) output.append(element("pre", { className: "error", textContent: body.msg }))
    else if (mime === TREE) output.append(tree(body, cell_id, notebook))
    else if (mime.startsWith("image/")) output.append(element("img", { src: URL.createObjectURL(new Blob([body], { type: mime })) }))
    else output.append(element("pre", { textContent: body ?? "" }))
}

const shown_outputs = new Map()
const shown_codes = new Map()

function render(notebook) {
    const place = document.querySelector("pluto-notebook")
    const { cell_order, cell_inputs, cell_results, process_status } = notebook.state
    place.dataset.process = process_status
    for (const cell of [...place.children]) if (!cell_order.includes(cell.id)) cell.remove()
    for (const id of cell_order) {
        const input = cell_inputs[id]
        if (input === undefined) continue
        let cell = document.getElementById(id)
        if (cell === null) place.append((cell = make_cell(id, notebook)))
        if (shown_codes.get(id) !== input.code) {
            shown_codes.set(id, input.code)
            codes.get(id).show(input.code)
        }
        const result = cell_results[id]
        if (result === undefined) continue
        for (const flag of ["running", "queued", "errored"]) cell.classList.toggle(flag, result[flag])
        cell.classList.toggle("code_folded", input.code_folded)
        const stamp = `${result.output.last_run_timestamp} ${result.output.mime}`
        const more = JSON.stringify(result.output.body)
        if (shown_outputs.get(id) === stamp + more) continue
        shown_outputs.set(id, stamp + more)
        show_output(cell.querySelector("pluto-output"), id, result.output, notebook)
    }
    cell_order.forEach((id, index) => {
        const cell = document.getElementById(id)
        if (cell !== null && place.children[index] !== cell) place.insertBefore(cell, place.children[index] ?? null)
    })
    tell_of_changes(notebook)
}
