"What a cell shows."
struct Output
    body::Any
    mime::String
    rootassignee::Union{Nothing,Symbol}
    last_run_timestamp::Float64
    persist_js_state::Bool
end

Output() = Output(nothing, "text/plain", nothing, 0.0, false)

Base.@kwdef mutable struct Cell
    cell_id::UUID = uuid1()
    code::String = ""
    code_folded::Bool = false
    running_disabled::Bool = false
    depends_on_disabled_cells::Bool = false
    output::Output = Output()
    queued::Bool = false
    running::Bool = false
    errored::Bool = false
    runtime::Union{Nothing,UInt64} = nothing
    # Another array at each run, which is how a client is told that it begins anew.
    logs::Vector{Any} = []
end

const Topology = Dict{UUID,Analysis}

function token()
    channel = Channel{Nothing}(1)
    put!(channel, nothing)
    return channel
end

"A notebook's own process; `discarded` when it was ended on purpose."
mutable struct Workspace
    pid::Int
    space::Symbol
    busy::Bool
    discarded::Bool
end

Base.@kwdef mutable struct Notebook
    cells::Dict{UUID,Cell}
    cell_order::Vector{UUID}
    path::String
    notebook_id::UUID = uuid1()
    topology::Topology = Topology()
    bonds::Dict{Symbol,Any} = Dict{Symbol,Any}()
    process_status::String = "starting"
    instantiated::Bool = false
    last_save_time::Float64 = time()
    wants_to_interrupt::Bool = false
    # One reactive run at a time, in the order in which they were asked for.
    executing::Channel{Nothing} = token()
    workspace::Union{Nothing,Task} = nothing
end

Notebook(cells::Vector{Cell}, path; kwargs...) =
    Notebook(; cells = Dict(cell.cell_id => cell for cell in cells), cell_order = [cell.cell_id for cell in cells],
        path = path, kwargs...)

ordered(notebook::Notebook) = [notebook.cells[id] for id in notebook.cell_order if haskey(notebook.cells, id)]
will_run(notebook::Notebook) = !(notebook.process_status in ("no_process", "waiting_to_restart"))
filename(notebook::Notebook, cell::Cell) = string(notebook.path, "#==#", cell.cell_id)

const MANAGED_BY_HAND = Symbol.(["Pkg.activate", "Pkg.develop", "Pkg.add", "Pkg.API.activate"])
manages_packages(notebook::Notebook) =
    !any(analysis -> any(in(analysis.references), MANAGED_BY_HAND), values(notebook.topology))

"The topology with the cells' code of now."
function analysed(notebook::Notebook)
    known = notebook.topology
    return Topology(id => haskey(known, id) && known[id].code == cell.code ? known[id] :
        analyse(cell.code, filename(notebook, cell)) for (id, cell) in notebook.cells)
end
