# A reactive run: some cells, and whatever reads what they define.

"Calls `f` at once and then every so often at most; the second function calls it now, the last time."
function throttled(f, seconds)
    cool, wanted = Ref(false), Ref(false)
    function now()
        wanted[] = false
        f()
    end
    rest() = @async begin
        sleep(seconds)
        wanted[] && now()
        cool[] = true
    end
    rest()
    function later()
        if cool[]
            cool[] = false
            now()
            rest()
        else
            wanted[] = true
        end
    end
    return later, now
end

never_resolved(analysis::Analysis) = !isempty(analysis.macros) && analysis.macros ⊆ STATIC_MACROS

"Takes the code of these cells as it is now, saves the notebook and runs them."
function save_and_run(session::ServerSession, notebook::Notebook, cells; run_async = true, requested = true)
    old = notebook.topology
    notebook.topology = analysed(notebook)
    save(session, notebook)
    task = @async reported() do
        notebook.instantiated = true
        (isempty(cells) || !will_run(notebook)) && return
        run_reactive(session, notebook, UUID[cell.cell_id for cell in cells]; old = old, requested = requested)
    end
    run_async || wait(task)
    return task
end

"A task's error is written down."
function reported(f)
    try
        f()
    catch error
        @error "A run failed" exception = (error, catch_backtrace())
    end
end

function run_reactive(session, notebook, roots; old = notebook.topology, requested = true, values = Dict{Symbol,Any}())
    take!(notebook.executing)
    try
        run_cells(session, notebook, roots, old, notebook.topology, requested, values)
    finally
        put!(notebook.executing, nothing)
    end
end

function run_cells(session, notebook, roots, old, new, requested, values)
    workspace = workspace_of(session, notebook)
    any(never_resolved, Base.values(new)) && save(session, notebook)

    cells = notebook.cell_order
    removed = setdiff(keys(old), keys(new))
    before, failed_before = order(union(cells, removed), old, union(roots, removed))
    now, failures = order(cells, new, union(roots, filter(id -> haskey(new, id), keys(failed_before))))
    to_run = filter(id -> haskey(new, id) && !haskey(failures, id), union(now, before))
    disabled = disabled_cells(notebook, new)
    for id in disabled
        cell = notebook.cells[id]
        cell.running = cell.queued = false
        cell.depends_on_disabled_cells = true
    end
    setdiff!(to_run, disabled)
    for id in to_run
        notebook.cells[id].queued = true
        notebook.cells[id].depends_on_disabled_cells = false
    end
    foreach(pair -> refuse(notebook.cells[first(pair)], last(pair)), failures)

    tell, tell_now = throttled(() -> send_changes(session, notebook), 1 / 20)
    tell()

    deleted = reduce(union!, [[defined(old[id]) for id in before]; [defined(new[id]) for id in now];
        [defined(new[id]) for id in keys(failures)]]; init = Set{Symbol}())
    usings = reduce(vcat, (new[id].usings for id in cells if haskey(new, id) && !(id in to_run)); init = Expr[])
    renew(workspace, union(deleted, keys(values)), usings, values)
    foreach(name -> delete!(notebook.bonds, name), deleted)

    interrupted = false
    for id in to_run
        cell = notebook.cells[id]
        cell.queued = false
        cell.running = true
        cell.logs = []
        tell()
        if interrupted || notebook.wants_to_interrupt
            refuse(cell, InterruptException())
        else
            result = evaluate(workspace, cell, new[id].expression)
            take_result(cell, result, new[id].expression, !(requested && id in roots))
            result.gone && (notebook.process_status = "no_process")
            interrupted |= result.interrupted
        end
        cell.running = false
    end
    notebook.wants_to_interrupt = false
    tell_now()
end

"Cells that are switched off, and those that read them."
function disabled_cells(notebook::Notebook, topology::Topology)
    roots = [cell.cell_id for cell in ordered(notebook) if cell.running_disabled]
    isempty(roots) && return UUID[]
    found, failures = order(notebook.cell_order, topology, roots)
    return union(found, keys(failures))
end

function assignee(expression::Expr)
    statement = expression.args[end]
    statement isa Expr && statement.head === :const && (statement = statement.args[1])
    return statement isa Expr && statement.head === :(=) && statement.args[1] isa Symbol ? statement.args[1] : nothing
end

function take_result(cell::Cell, result, expression, persist)
    cell.output = Output(result.body, result.mime, silent(cell) ? nothing : assignee(expression), time(), persist)
    cell.runtime = result.runtime
    cell.errored = result.errored
    cell.running = cell.queued = false
end

"Shows why this cell does not run."
function refuse(cell::Cell, reason::Exception)
    body = Dict{String,Any}("msg" => sprint(showerror, reason), "stacktrace" => Any[])
    cell.output = Output(body, "application/vnd.pluto.stacktrace+object", nothing, time(), false)
    cell.runtime = nothing
    cell.errored = true
    cell.running = cell.queued = false
end
