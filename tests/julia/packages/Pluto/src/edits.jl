# A client's patches: applied to the state it is known to have, and to the notebook.

function step_to(tree::Dict, path)
    for name in path[1:end-1]
        tree = tree[name]
    end
    return tree
end

function apply_to_state(state::Dict, change)
    path = change["path"]
    isempty(path) && error("a client cannot replace the whole state")
    branch = step_to(state, path)
    change["op"] == "remove" ? delete!(branch, last(path)) : (branch[last(path)] = change["value"])
end

"What a change of the notebook asks for: `:code`, `:file`, or a bond's name and whether it is its first value."
function apply_to_notebook(session, notebook::Notebook, change)
    change["op"] in ("add", "replace", "remove") || error("no such operation: $(change["op"])")
    path, op = change["path"], change["op"]
    first_name = first(path)
    if first_name == "bonds" && length(path) == 2
        name = Symbol(path[2])
        op == "remove" ? delete!(notebook.bonds, name) : (notebook.bonds[name] = change["value"]["value"])
        return (name, op == "add")
    elseif first_name == "cell_inputs" && length(path) in (2, 3)
        return change_cell(notebook, op, path, get(change, "value", nothing))
    elseif first_name == "cell_order" && length(path) == 1 && op == "replace"
        notebook.cell_order = UUID.(change["value"])
        return :file
    elseif first_name == "path" && length(path) == 1 && op == "replace"
        move_notebook(session, notebook, abspath(expanduser(change["value"])))
        return :nothing
    elseif first_name in ("process_status", "in_temp_dir") && length(path) == 1
        return :nothing
    end
    error("a client cannot change $(join(path, "/"))")
end

function change_cell(notebook::Notebook, op, path, value)
    id = UUID(path[2])
    if length(path) == 2
        op == "remove" ? delete!(notebook.cells, id) :
            (notebook.cells[id] = Cell(; cell_id = UUID(value["cell_id"]), code = value["code"],
                code_folded = value["code_folded"], running_disabled = value["running_disabled"]))
        return :code
    end
    setfield!(notebook.cells[id], Symbol(path[3]), value)
    return path[3] == "code" ? :code : :file
end

function move_notebook(session::ServerSession, notebook::Notebook, path)
    isfile(path) && error("there is a file already: $path")
    old = notebook.path
    notebook.path = path
    if !session.options.server.disable_writing_notebook_files
        save(session, notebook)
        rm(old; force = true)
    end
    post_to_all(session, "notebook_list", notebook_list(session))
    workspace = workspace_of(session, notebook)
    ask(workspace.pid, :(cd($(dirname(path)))))
end

"Runs what reads these bonds. Any global that some cell defines can be set by this: nothing asks for an `@bind`."
function set_bonds(session::ServerSession, notebook::Notebook, bonds)
    to_set = filter(bonds) do (name, is_first)
        value = notebook.bonds[name]
        any(analysis -> name in analysis.definitions, values(notebook.topology)) || return false
        return !(is_first && already(workspace_of(session, notebook), name, value))
    end
    isempty(to_set) && return
    new_values = Dict{Symbol,Any}(name => notebook.bonds[name] for (name, _) in to_set)
    roots = readers(notebook.cell_order, notebook.topology, keys(new_values))
    @async reported(() -> run_reactive(session, notebook, roots; requested = false, values = new_values))
    return
end
