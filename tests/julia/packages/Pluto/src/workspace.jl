# A notebook's own process.

const RUNNER = joinpath(HERE, "runner", "worker.jl")

function start_workspace(session::ServerSession, notebook::Notebook)
    notebook.process_status = "starting"
    pid = first(Distributed.addprocs(1; exeflags = Configuration.flags(session.options.compiler)))
    packages = manages_packages(notebook) ? :(copy!(LOAD_PATH, ["@", "@stdlib"])) : nothing
    Distributed.remotecall_eval(Main, [pid], quote
        ccall(:jl_exit_on_sigint, Cvoid, (Cint,), 0)
        include($RUNNER)
        cd($(dirname(notebook.path)))
        $packages
    end)
    # An interrupt that finds nothing running ends in this task.
    @async Distributed.remotecall_eval(Main, [pid], quote
        while true
            try
                wait()
            catch
            end
        end
    end)
    workspace = Workspace(pid, ask(pid, :(PlutoRunner.renew(nothing, (), (), ()))), false, false)
    notebook.process_status = "ready"
    return workspace
end

ask(pid::Int, expression) = Distributed.remotecall_eval(Main, pid, expression)

"The notebook's process, made when there is none."
function workspace_of(session::ServerSession, notebook::Notebook)
    notebook.workspace === nothing && (notebook.workspace = @async start_workspace(session, notebook))
    return fetch(notebook.workspace)
end

function renew(workspace::Workspace, deleted::Set{Symbol}, usings::Vector{Expr}, values::Dict{Symbol,Any})
    old = workspace.space
    workspace.space = ask(workspace.pid, :(PlutoRunner.renew($(QuoteNode(old)), $deleted, $usings, $values)))
end

already(workspace::Workspace, name::Symbol, value) =
    ask(workspace.pid, :(PlutoRunner.already($(QuoteNode(workspace.space)), $(QuoteNode(name)), $(QuoteNode(value)))))

silent(cell::Cell) = endswith(rstrip(replace(cell.code, r"#[^\n\"]*$" => "")), ";")

"Runs a cell there; the process's death is a result too."
function evaluate(workspace::Workspace, cell::Cell, expression::Expr)
    call = :(PlutoRunner.run_cell($(QuoteNode(workspace.space)), $(QuoteNode(expression)), $(string(cell.cell_id)),
        $(silent(cell))))
    workspace.busy = true
    try
        return merge(ask(workspace.pid, call), (gone = false,))
    catch error
        return ended(workspace, error)
    finally
        workspace.busy = false
    end
end

function ended(workspace::Workspace, error)
    gone = error isa Union{Distributed.ProcessExitedException,Base.IOError} || !(workspace.pid in Distributed.workers())
    text = gone ? "The process of this notebook has ended." : sprint(showerror, error)
    body = Dict{String,Any}("msg" => text, "stacktrace" => Any[])
    return (body = body, mime = "application/vnd.pluto.stacktrace+object", errored = true, interrupted = true,
        runtime = nothing, gone = gone && !workspace.discarded)
end

function waited(condition, seconds)
    until = time() + seconds
    while !condition() && time() < until
        sleep(0.05)
    end
    return condition()
end

"Stops the cell that runs, however often it must be told."
function interrupt(workspace::Workspace)
    waited(() -> !workspace.busy, 2.0) && return
    Distributed.interrupt(workspace.pid)
    waited(() -> !workspace.busy, 5.0) && return
    while workspace.busy
        # Julia raises in a loop that never looks up when several come at once.
        for _ in 1:5
            workspace.busy && Distributed.interrupt(workspace.pid)
            sleep(0.18)
        end
        sleep(1.5)
    end
end

function end_workspace(notebook::Notebook)
    notebook.workspace === nothing && return
    workspace = fetch(notebook.workspace)
    notebook.workspace = nothing
    workspace.discarded = true
    workspace.pid in Distributed.workers() || return
    Distributed.rmprocs(workspace.pid; waitfor = 0)
end
