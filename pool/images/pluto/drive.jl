# Serves the notebooks as they will be served and visits each once: `julia drive.jl trace|prove`.
#
# `trace` writes down what server and notebook processes compile, into /build/traces. `prove` runs on the finished
# system image, without a trace: what is still compiled or set up lands in the first depot, which becomes part of
# the image. Both run in the home and with the depots that a container has.
include(joinpath(@__DIR__, "common.jl"))
include(joinpath(@__DIR__, "visitor.jl"))

const TRACES = "/build/traces"
const WORKERS = "/build/workers" # one empty file for each notebook process, named by its pid
const BIN = "/build/julia/bin" # where notebook processes' `julia` is looked for
const STOP = "/build/stop"
const LOG = "/build/server.log"
const START_LIMIT = 600.0 # seconds until the server answers, compiling all it needs
const STOP_LIMIT = 60.0
const QUIET_LOOKS = 20 # so many looks at a notebook that neither runs nor has run all: some cells never will

const TRACING = ARGS[1] == "trace"
const NOTEBOOK_LIMIT = parse(Float64, get(ENV, "TRACE_TIMEOUT", "600"))
const MEMORY_LIMIT = parse(Float64, get(ENV, "NOTEBOOK_MEMORY", "0")) # bytes of one notebook process; 0: none
const PORT = 47319

"""A `julia` that notebook processes are started with: it traces, and it goes first when memory runs out."""
function write_wrapper()
    foreach(mkpath, (TRACES, WORKERS, BIN))
    # What Julia looks for beside its program: standard libraries, tools, the default system image.
    around = dirname(Sys.BINDIR)
    for name in setdiff(readdir(around), [basename(Sys.BINDIR)], readdir(dirname(BIN)))
        symlink(joinpath(around, name), joinpath(dirname(BIN), name))
    end
    real = joinpath(Sys.BINDIR, "julia")
    trace = TRACING ? "--trace-compile=$TRACES/worker-\$\$.jl" : ""
    write(joinpath(BIN, "julia"), """
        #!/bin/sh
        echo 1000 2>/dev/null >/proc/self/oom_score_adj || true
        : >$WORKERS/\$\$
        exec $real $trace "\$@"
        """)
    chmod(joinpath(BIN, "julia"), 0o755)
end

"""The server as the gateway starts it, but for its notebooks' `julia`, and that it ends itself when told to."""
function start_server(secret)
    rm(STOP; force = true)
    write_wrapper()
    image = get(ENV, "WARMGATE_SYSIMAGE", "")
    code = """
        Core.eval(Sys, :(BINDIR = "$BIN"))
        Timer(_ -> isfile("$STOP") && exit(0), 1; interval = 0.2)
        include("$(joinpath(@__DIR__, "serve.jl"))")
        """
    options = filter(!isempty, [isempty(image) ? "" : "--sysimage=$image", TRACING ? "--trace-compile=$TRACES/server.jl" : ""])
    command = addenv(`$(joinpath(Sys.BINDIR, "julia")) $options --startup-file=no -e $code 127.0.0.1 $PORT`,
        "WARMGATE_TOKEN" => secret, (TRACING ? ["WARMGATE_TRACE" => "yes"] : [])...)
    run(pipeline(command; stdin = devnull, stdout = LOG, stderr = LOG), wait = false)
end
addenv(command, pairs...) = setenv(command, merge(Dict(ENV), Dict(pairs)))

log_tail() = isfile(LOG) ? join(last(readlines(LOG), 12), "\n") : ""
last(lines, count) = lines[max(1, end - count + 1):end]

function wait_until(done, limit; every = 0.25)
    deadline = time() + limit
    while time() < deadline
        done() && return true
        sleep(every)
    end
    done()
end

function wait_for_server(server, process)
    answers() = process_exited(process) || ask(server, "GET", "/ping"; limit = 30.0)[1] == 200
    if !wait_until(answers, START_LIMIT) || process_exited(process)
        fail("server", "Pluto did not come up; its last lines:\n$(log_tail())")
    end
end

"""Resident bytes of a process, 0 when it is gone."""
function resident(pid)
    try
        parse(Int, split(read("/proc/$pid/statm", String))[2]) * 4096
    catch
        0
    end
end

end_process(pid) = ccall(:kill, Cint, (Cint, Cint), parse(Cint, pid), 9)

"""End notebook processes that grow too large; tell whether there was one."""
function watch_memory()
    MEMORY_LIMIT > 0 || return false
    large = filter(pid -> resident(pid) > MEMORY_LIMIT, readdir(WORKERS))
    foreach(end_process, large)
    !isempty(large)
end

off(cell, result) = get(cell, "running_disabled", false) || get(get(cell, "metadata", Dict()), "disabled", false) == true ||
    get(result, "depends_on_disabled_cells", false) == true
idle(result) = !result["queued"] && !result["running"]
ran(result) = get(result["output"], "last_run_timestamp", 0) > 0

"""Wait for all cells of a notebook; return its last state and why waiting ended early, if it did."""
function wait_for_cells(server, id)
    deadline, quiet, state = time() + NOTEBOOK_LIMIT, 0, nothing
    while time() < deadline
        watch_memory() && return state, "used more than $(round(MEMORY_LIMIT / 2^30, digits = 1)) GiB of memory and was ended"
        state = state_of(server, id)
        if state !== nothing && get(state, "process_status", "ready") == "ready"
            cells = [(cell, state["cell_results"][key]) for (key, cell) in state["cell_inputs"]]
            still = all(pair -> idle(pair[2]), cells)
            still && all(pair -> ran(pair[2]) || off(pair...), cells) && return state, ""
            quiet = still ? quiet + 1 : 0
            quiet > QUIET_LOOKS && return state, ""
        end
        sleep(0.3)
    end
    state, "was still running after $(round(Int, NOTEBOOK_LIMIT)) s (--trace-timeout)"
end

"""The first words of what a cell failed with."""
function failure(result)
    body = result["output"]["body"]
    text = body isa Dict ? get(body, "msg", "") : body
    first(split(text isa AbstractString ? text : string(text), '\n'))
end

function tell_errors(name, state)
    state === nothing && return
    for id in state["cell_order"]
        result = state["cell_results"][id]
        get(result, "errored", false) || continue
        code = strip(state["cell_inputs"][id]["code"])
        tell(; warning = "cell", notebook = name, text = "cell $id (`$(first(first(split(code, '\n')), 60))`): $(failure(result))")
    end
end

const HELLO = [("connect", Dict(), "👋"), ("ping", Dict(), "pong"), ("update_notebook", Dict("updates" => []), "notebook_diff")]

"""Names of widgets a page would show; a few tell what moving any of them compiles."""
function bonds_of(state)
    bodies = (result["output"]["body"] for result in values(state["cell_results"]))
    found = (match(r"<bond def=\"([^\"]+)\"", body) for body in bodies if body isa AbstractString)
    collect(Iterators.take((String(bond[1]) for bond in found if bond !== nothing), 3))
end

moved(bond) = ("update_notebook",
    Dict("updates" => [Dict("op" => "replace", "path" => ["bonds", bond], "value" => Dict("value" => 1))]), "notebook_diff")

function visit(server, process, name)
    began = time()
    id, why = open_notebook(server, isempty(name) ? "/new" : open_target(joinpath(homedir(), name)))
    if id === nothing
        process_exited(process) && fail("server", "Pluto ended while $name was opened; its last lines:\n$(log_tail())")
        return tell(; warning = "open", notebook = name, text = why)
    end
    ask(server, "GET", "/edit?id=$id")
    state, why = wait_for_cells(server, id)
    process_exited(process) && fail("server", "Pluto ended while $name ran; its last lines:\n$(log_tail())")
    isempty(why) || tell(; warning = "stuck", notebook = name, text = why)
    TRACING && tell_errors(name, state)
    if isempty(why)
        converse(server, id, [HELLO; map(moved, bonds_of(state))])
        wait_for_cells(server, id)
    end
    converse(server, id, [("shutdown_notebook", Dict("keep_in_session" => false), "")]; limit = 10.0)
    isempty(why) || foreach(end_process, readdir(WORKERS))
    wait_until(() -> all(pid -> resident(pid) == 0, readdir(WORKERS)), 10.0)
    foreach(pid -> rm(joinpath(WORKERS, pid); force = true), readdir(WORKERS))
    tell(; ran = isempty(name) ? "a new notebook" : name, seconds = round(time() - began, digits = 1))
end

function stop_server(process)
    touch(STOP)
    wait_until(() -> process_exited(process), STOP_LIMIT) || kill(process, Base.SIGKILL)
end

let secret = join(rand('a':'z', 20)), began = time()
    names = [notebook.name for notebook in notebooks_of(homedir())]
    process = start_server(secret)
    server = Server(PORT, secret)
    wait_for_server(server, process)
    tell(; up = ARGS[1], seconds = round(time() - began, digits = 1))
    ask(server, "GET", "/")
    foreach(name -> visit(server, process, name), isempty(names) ? [""] : names)
    stop_server(process)
end
