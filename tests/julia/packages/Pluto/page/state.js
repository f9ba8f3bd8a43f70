// The notebook's state as the server tells it, and changes of it that are the visitor's.
function apply_patches(state, patches) {
    for (const { op, path, value } of patches) {
        if (path.length === 0) {
            state = structuredClone(value)
            continue
        }
        const parent = path.slice(0, -1).reduce((branch, name) => branch[name], state)
        const last = path[path.length - 1]
        if (op === "remove") delete parent[last]
        else if (Array.isArray(parent)) parent.splice(last, 0, value)
        else parent[last] = structuredClone(value)
    }
    return state
}

const bond_change = (state, name, value) => ({ op: name in state.bonds ? "replace" : "add", path: ["bonds", name], value: { value } })

class Notebook {
    constructor(connection, render) {
        Object.assign(this, { connection, render })
        this.state = { cell_order: [], cell_inputs: {}, cell_results: {}, bonds: {} }
        this.last_update = Promise.resolve()
        this.pending = 0
        this.held_bonds = new Map()
    }

    take_news(message) {
        if (message.type !== "notebook_diff" || message.notebook_id !== this.connection.notebook_id) return
        this.state = apply_patches(message.message.response?.from_reset ? {} : this.state, message.message.patches)
        this.changed()
    }

    changed() {
        this.render(this)
        if (!this.idle() || this.held_bonds.size === 0) return
        const bonds = [...this.held_bonds]
        this.held_bonds.clear()
        this.update((state) => bonds.map(([name, value]) => bond_change(state, name, value)))
    }

    idle() {
        return this.pending === 0 && !Object.values(this.state.cell_results).some((cell) => cell.running || cell.queued)
    }

    // One after the other: an update waits for the answer to the one before, for ever if none comes.
    update(changes_of) {
        const task = this.last_update.then(async () => {
            let changes = changes_of(this.state)
            if (!this.idle()) {
                for (const { path, value } of changes) if (path[0] === "bonds") this.held_bonds.set(path[1], value.value)
                changes = changes.filter(({ path }) => path[0] !== "bonds")
            }
            if (changes.length === 0) return
            this.pending++
            this.state = apply_patches(this.state, changes)
            this.render(this)
            try {
                const answer = await this.connection.send("update_notebook", { updates: changes }, { told: true })
                if (answer.message.response?.update_went_well === "👎") throw new Error(answer.message.response.why_not)
            } finally {
                this.pending--
                this.changed()
            }
        })
        this.last_update = task.catch(console.error)
        return task
    }

    set_bond(name, value) {
        return this.update((state) => [bond_change(state, name, value)])
    }

    async edit_and_run(cell_id, code) {
        await this.update((state) =>
            state.cell_inputs[cell_id].code === code ? [] : [{ op: "replace", path: ["cell_inputs", cell_id, "code"], value: code }]
        )
        await this.run(cell_id)
    }

    // An empty cell, which the page shows before the server has answered.
    add_after(cell_id) {
        const id = crypto.randomUUID()
        return this.update(({ cell_order }) => [
            { op: "add", path: ["cell_inputs", id], value: { cell_id: id, code: "", code_folded: false, running_disabled: false } },
            { op: "replace", path: ["cell_order"], value: cell_order.flatMap((each) => (each === cell_id ? [each, id] : [each])) },
        ])
    }

    remove(cell_ids) {
        return this.update(({ cell_order }) => [
            { op: "replace", path: ["cell_order"], value: cell_order.filter((each) => !cell_ids.includes(each)) },
            ...cell_ids.map((id) => ({ op: "remove", path: ["cell_inputs", id] })),
        ])
    }

    async run(cell_id) {
        this.state.cell_results[cell_id].queued = ["starting", "ready"].includes(this.state.process_status)
        this.render(this)
        await this.connection.send("run_multiple_cells", { cells: [cell_id] })
    }
}
