"What a launcher and the HTTP routes do with notebooks."
module SessionActions

import ..Pluto
import ..Pluto: Cell, Notebook, ServerSession
import UUIDs: UUID, uuid1

struct NotebookIsRunningException <: Exception
    notebook::Notebook
end

whole(path) = abspath(expanduser(path))

"Opens and runs a notebook file. One that is open already raises."
function open(session::ServerSession, path::AbstractString; run_async = true, notebook_id::UUID = uuid1(), ignored...)
    path = whole(path)
    for notebook in values(session.notebooks)
        isfile(notebook.path) && realpath(notebook.path) == realpath(path) && throw(NotebookIsRunningException(notebook))
    end
    notebook = Pluto.load_notebook(path)
    notebook.notebook_id = notebook_id
    return start(session, notebook, run_async)
end

"A new notebook with one empty cell."
function new(session::ServerSession; run_async = true, notebook_id::UUID = uuid1())
    return start(session, Notebook([Cell()], fresh_path(); notebook_id = notebook_id), run_async)
end

function start(session::ServerSession, notebook::Notebook, run_async)
    session.notebooks[notebook.notebook_id] = notebook
    runs = session.options.evaluation.run_notebook_on_load
    cells = Pluto.ordered(notebook)
    foreach(cell -> cell.queued = runs, cells)
    Pluto.save_and_run(session, notebook, runs ? cells : Cell[]; run_async = run_async)
    Pluto.post_to_all(session, "notebook_list", Pluto.notebook_list(session))
    return notebook
end

function fresh_path()
    return joinpath(Pluto.folder_of_new_notebooks(), string("Notebook ", first(string(uuid1()), 8), ".jl"))
end

function save_upload(content::Vector{UInt8})
    path = fresh_path()
    write(path, content)
    return path
end

"Ends a notebook's process; unless it stays in the session, the notebook goes and its pages are closed."
function shutdown(session::ServerSession, notebook::Notebook; keep_in_session = false, async = false)
    if !keep_in_session
        delete!(session.notebooks, notebook.notebook_id)
        watching = filter(client -> client.notebook === notebook, collect(values(session.connected_clients)))
        Pluto.post_to_all(session, "notebook_list", Pluto.notebook_list(session))
        foreach(client -> (@async Pluto.close_websocket(client.socket)), watching)
    end
    task = @async Pluto.end_workspace(notebook)
    async || wait(task)
    return
end

end

notebook_list(session::ServerSession) = Dict{String,Any}("notebooks" => [
    Dict{String,Any}(
        "notebook_id" => notebook.notebook_id,
        "path" => notebook.path,
        "in_temp_dir" => startswith(notebook.path, folder_of_new_notebooks()),
        "shortpath" => basename(notebook.path),
    ) for notebook in values(session.notebooks)
])
