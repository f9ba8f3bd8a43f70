# The state that all clients of a notebook share, and what has changed of it for each.

"Lines that were logged: these and as many."
struct Logged
    source::Vector{Any}
    count::Int
end

function folder_of_new_notebooks()
    try
        return mkpath(joinpath(first(DEPOT_PATH), "pluto_notebooks"))
    catch
        return homedir()
    end
end

ids(list) = string.(list)
names_to_ids(names, find) = Dict{String,Any}(string(name) => ids(find([name])) for name in names)

function dependencies(notebook::Notebook, id::UUID)
    cells, topology = notebook.cell_order, notebook.topology
    analysis = get(topology, id, nothing)
    names, references = analysis === nothing ? ((), ()) : (defined(analysis), analysis.references)
    return Dict{String,Any}(
        "cell_id" => string(id),
        "downstream_cells_map" => names_to_ids(names, found -> readers(cells, topology, found)),
        "upstream_cells_map" => names_to_ids(references, found -> definers(cells, topology, found)),
        "precedence_heuristic" => analysis === nothing ? 99 : precedence(analysis),
    )
end

input_of(cell::Cell) = Dict{String,Any}(
    "cell_id" => string(cell.cell_id),
    "code" => cell.code,
    "code_folded" => cell.code_folded,
    "running_disabled" => cell.running_disabled,
)

result_of(cell::Cell) = Dict{String,Any}(
    "cell_id" => string(cell.cell_id),
    "depends_on_disabled_cells" => cell.depends_on_disabled_cells,
    "output" => Dict{String,Any}(
        "body" => cell.output.body,
        "mime" => cell.output.mime,
        "rootassignee" => cell.output.rootassignee,
        "last_run_timestamp" => cell.output.last_run_timestamp,
        "persist_js_state" => cell.output.persist_js_state,
        "has_pluto_hook_features" => false,
    ),
    "published_object_keys" => Any[],
    "queued" => cell.queued,
    "running" => cell.running,
    "errored" => cell.errored,
    "runtime" => cell.runtime,
    "logs" => Logged(cell.logs, length(cell.logs)),
)

state_of(notebook::Notebook) = Dict{String,Any}(
    "notebook_id" => string(notebook.notebook_id),
    "path" => notebook.path,
    "in_temp_dir" => startswith(notebook.path, folder_of_new_notebooks()),
    "shortpath" => basename(notebook.path),
    "process_status" => notebook.process_status,
    "last_save_time" => notebook.last_save_time,
    "last_hot_reload_time" => 0.0,
    "cell_inputs" => Dict{String,Any}(string(id) => input_of(cell) for (id, cell) in notebook.cells),
    "cell_dependencies" => Dict{String,Any}(string(id) => dependencies(notebook, id) for id in keys(notebook.cells)),
    "cell_results" => Dict{String,Any}(string(id) => result_of(cell) for (id, cell) in notebook.cells),
    "cell_order" => ids(notebook.cell_order),
    "cell_execution_order" => ids(whole_order(notebook)),
    "published_objects" => Dict{String,Any}(),
    "bonds" => Dict{String,Any}(string(name) => Dict{String,Any}("value" => value) for (name, value) in notebook.bonds),
    "nbpkg" => Dict{String,Any}(
        "enabled" => manages_packages(notebook),
        "restart_recommended_msg" => nothing,
        "restart_required_msg" => nothing,
        "installed_versions" => Dict{String,Any}(),
        "terminal_outputs" => Dict{String,Any}(),
        "busy_packages" => Any[],
        "instantiated" => notebook.instantiated,
    ),
)

MsgPack.write_value(io, logged::Logged) = MsgPack.write_value(io, logged.source[1:logged.count])

patch(op, path, value) = Dict{String,Any}("op" => op, "path" => path, "value" => value)
removal(path) = Dict{String,Any}("op" => "remove", "path" => path)

"The patches that make `old` what `new` is."
differences(old, new) = differences!(Dict{String,Any}[], String[], old, new)

function differences!(found, path, old::Dict, new::Dict)
    for (key, value) in old
        differences!(found, [path; key], value, get(new, key, nothing))
    end
    for (key, value) in new
        haskey(old, key) || differences!(found, [path; key], nothing, value)
    end
    return found
end

function differences!(found, path, old, new)
    if old isa Logged && new isa Logged && old.source === new.source
        append!(found, [patch("add", Any[path; place], new.source[place]) for place in old.count+1:new.count])
    elseif old === nothing
        new === nothing || push!(found, patch("add", path, new))
    elseif new === nothing
        push!(found, removal(path))
    elseif typeof(old) != typeof(new) || !isequal(old, new)
        push!(found, patch("replace", path, new))
    end
    return found
end

"Dictionaries are copied, what is in them is not."
copied(dictionary::Dict) = Dict{String,Any}(key => copied(value) for (key, value) in dictionary)
copied(other) = other

"Tells all clients of this notebook what is new to them; whoever asked is always told something."
function send_changes(session::ServerSession, notebook::Notebook; initiator = nothing, response = nothing)
    state = state_of(notebook)
    for client in collect(values(session.connected_clients))
        client.notebook === notebook || continue
        patches = client.state === nothing ? [patch("replace", String[], state)] : differences(client.state, state)
        client.state = copied(state)
        asked = initiator !== nothing && initiator.client === client
        isempty(patches) && !asked && continue
        message = Dict{String,Any}("patches" => patches, "response" => asked ? response : nothing)
        post(client, "notebook_diff", message; notebook = notebook, initiator = initiator) || forget(session, client)
    end
end
