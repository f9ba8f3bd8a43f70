// A <bond>'s first element and the global that it sets.
function value_of(input) {
    switch (input.type) {
        case "range":
        case "number":
            return input.valueAsNumber
        case "date":
            return input.valueAsDate
        case "checkbox":
            return input.checked
        case "select-multiple":
            return Array.from(input.selectedOptions, (option) => option.value)
        default:
            return input.value
    }
}

function show_value(input, value) {
    if (value === null || value === undefined) return
    if (input.type === "checkbox") input.checked = value
    else if (input.type === "date") input.valueAsDate = value
    else if (input.type === "select-multiple") for (const option of input.options) option.selected = value.includes(option.value)
    else input.value = value
}

const event_of = (input) => (["button", "submit", "checkbox"].includes(input.type) ? "click" : "input")

// The element's value is sent once; not when the state has it already.
function wire_bonds(output, notebook) {
    for (const bond of output.querySelectorAll("bond")) {
        const name = bond.getAttribute("def")
        const input = bond.matches(":has(input, select)") ? bond.querySelector("input, select") : bond.firstElementChild
        if (input === null) continue

        // While one value is on its way only the newest of the others counts.
        let newest, waiting = false
        const send = async (value) => {
            newest = { value }
            if (waiting) return
            waiting = true
            while (newest !== undefined && bond.isConnected) {
                const { value: next } = newest
                newest = undefined
                await notebook.set_bond(name, next).catch(console.error)
            }
            waiting = false
        }
        input.addEventListener(event_of(input), () => send(value_of(input)))

        const known = notebook.state.bonds[name]
        if (known !== undefined) show_value(input, known.value)
        if (known === undefined || JSON.stringify(known.value) !== JSON.stringify(value_of(input))) send(value_of(input))
    }
}
