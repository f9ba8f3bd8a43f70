# What a client asks for over its websocket. A type that is not here, or an error, is answered by nothing.

struct Asked
    session::ServerSession
    notebook::Union{Nothing,Notebook}
    body::Any
    initiator::Initiator
end

function notebook_of(asked::Asked)
    asked.notebook === nothing && throw(ArgumentError("this message needs a notebook"))
    return asked.notebook
end

answer(asked::Asked, type, message; notebook = nothing) =
    post(asked.initiator.client, type, message; notebook = notebook, initiator = asked.initiator) ||
    forget(asked.session, asked.initiator.client)

"An option's value under its name, for all groups."
shown_options(options) = Dict{String,Any}(
    string(group) => Dict{String,Any}(string(name) => getfield(getfield(options, group), name)
        for name in fieldnames(fieldtype(typeof(options), group)))
    for group in fieldnames(typeof(options)))

function connect(asked::Asked)
    options = asked.session.options
    answer(asked, "👋", Dict{String,Any}(
        "notebook_exists" => asked.notebook !== nothing,
        "options" => shown_options(options),
        "version_info" => Dict{String,Any}("pluto" => VERSION_TEXT, "julia" => JULIA_TEXT,
            "dismiss_update_notification" => options.server.dismiss_update_notification),
    ))
end

function update_notebook(asked::Asked)
    notebook, session = notebook_of(asked), asked.session
    changes = asked.body["updates"]
    isempty(changes) && return send_changes(session, notebook; initiator = asked.initiator)
    response = try
        state = asked.initiator.client.state
        state === nothing && error("an update before the first state")
        foreach(change -> apply_to_state(state, change), changes)
        effects = unique([apply_to_notebook(session, notebook, change) for change in changes])
        :file in effects && !(:code in effects) && save(session, notebook)
        set_bonds(session, notebook, filter(effect -> effect isa Tuple, effects))
        Dict{String,Any}("update_went_well" => "👍")
    catch error
        @warn "An update failed" changes exception = (error, catch_backtrace())
        Dict{String,Any}("update_went_well" => "👎", "why_not" => sprint(showerror, error),
            "should_i_tell_the_user" => false)
    end
    send_changes(session, notebook; initiator = asked.initiator, response = response)
end

function reset_shared_state(asked::Asked)
    asked.initiator.client.state = nothing
    send_changes(asked.session, notebook_of(asked); initiator = asked.initiator,
        response = Dict{String,Any}("from_reset" => true))
end

function run_multiple_cells(asked::Asked)
    notebook = notebook_of(asked)
    cells = [notebook.cells[UUID(id)] for id in asked.body["cells"]]
    if will_run(notebook)
        foreach(cell -> cell.queued = true, cells)
        send_changes(asked.session, notebook; initiator = asked.initiator)
    end
    save_and_run(asked.session, notebook, cells)
end

function reshow_cell(asked::Asked)
    notebook = notebook_of(asked)
    cell = notebook.cells[UUID(asked.body["cell_id"])]
    workspace = workspace_of(asked.session, notebook)
    call = :(PlutoRunner.show_more($(string(cell.cell_id)), $(asked.body["objectid"]), $(silent(cell))))
    shown = ask(workspace.pid, call)
    result = merge(shown, (errored = cell.errored, runtime = cell.runtime))
    take_result(cell, result, notebook.topology[cell.cell_id].expression, true)
    send_changes(asked.session, notebook)
end

function interrupt_all(asked::Asked)
    notebook = notebook_of(asked)
    workspace = workspace_of(asked.session, notebook)
    (notebook.wants_to_interrupt || !workspace.busy) && return
    notebook.wants_to_interrupt = true
    interrupt(workspace)
end

shutdown_notebook(asked::Asked) =
    SessionActions.shutdown(asked.session, notebook_of(asked); keep_in_session = asked.body["keep_in_session"])

function restart_process(asked::Asked)
    notebook, session = notebook_of(asked), asked.session
    notebook.process_status == "waiting_to_restart" && return
    notebook.process_status = "waiting_to_restart"
    send_changes(session, notebook)
    SessionActions.shutdown(session, notebook; keep_in_session = true, async = true)
    notebook.process_status = "starting"
    send_changes(session, notebook)
    save_and_run(session, notebook, ordered(notebook))
end

"There is nothing to complete here."
function complete(asked::Asked)
    size = sizeof(asked.body["query"])
    answer(asked, "completion_result", Dict{String,Any}("start" => size, "stop" => size, "results" => Any[]);
        notebook = asked.notebook)
end

docs(asked::Asked) =
    answer(asked, "doc_result", Dict{String,Any}("status" => "⌛", "doc" => nothing); notebook = notebook_of(asked))

const HANDLERS = Dict{String,Function}(
    "connect" => connect,
    "ping" => asked -> answer(asked, "pong", Dict{String,Any}()),
    "update_notebook" => update_notebook,
    "reset_shared_state" => reset_shared_state,
    "run_multiple_cells" => run_multiple_cells,
    "reshow_cell" => reshow_cell,
    "interrupt_all" => interrupt_all,
    "get_all_notebooks" =>
        asked -> post_to_all(asked.session, "notebook_list", notebook_list(asked.session); initiator = asked.initiator),
    "shutdown_notebook" => shutdown_notebook,
    "restart_process" => restart_process,
    "complete" => complete,
    "completepath" => complete,
    "docs" => docs,
    "package_completions" => asked -> answer(asked, "🍳", Dict{String,Any}("results" => Any[])),
    "nbpkg_available_versions" => asked -> answer(asked, "🍕", Dict{String,Any}("versions" => Any[])),
    "pkg_update" => asked -> answer(asked, "🦆", Dict{String,Any}()),
)

"One message. Who sends under a client's id is that client from then on."
function take_message(session::ServerSession, socket::WebSocket, message::Dict)
    id, type, request_id = string(message["client_id"]), string(message["type"]), string(message["request_id"])
    client = get!(() -> Client(id, socket, nothing, nothing), session.connected_clients, id)
    client.socket = socket
    asked_for = get(message, "notebook_id", nothing)
    notebook = asked_for === nothing ? nothing : get(session.notebooks, UUID(asked_for), nothing)
    type == "connect" && notebook !== nothing && (client.notebook = notebook)
    handler = get(HANDLERS, type, nothing)
    handler === nothing && return @warn "No message of this type is known" type
    handler(Asked(session, notebook, message["body"], Initiator(client, request_id)))
end

function serve_websocket(session::ServerSession, socket::WebSocket)
    try
        while (bytes = read_message(socket)) !== nothing
            lag = session.options.server.simulated_lag
            lag > 0 && sleep(lag * (0.5 + rand()))
            try
                take_message(session, socket, unpack(bytes))
            catch error
                @warn "A message failed" exception = (error, catch_backtrace())
            end
        end
    finally
        close_websocket(socket)
    end
end
