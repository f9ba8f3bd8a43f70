# Visits notebooks of a Pluto that runs beside it, and prints what each cell shows: `julia visit.jl PORT SECRET PATH...`.
include(joinpath(@__DIR__, "visitor.jl"))

function until(look, seconds)
    deadline = time() + seconds
    while time() < deadline
        found = look()
        found === nothing || return found
        sleep(0.2)
    end
    error("nothing after $seconds s")
end

function shown(server, path)
    id, why = open_notebook(server, open_target(path))
    id === nothing && error(why)
    until(300) do
        state = state_of(server, id)
        state === nothing && return nothing
        results = [state["cell_results"][cell] for cell in state["cell_order"]]
        done(r) = !r["queued"] && !r["running"] && r["output"]["last_run_timestamp"] > 0
        all(done, results) ? [(r["errored"], r["output"]["body"]) for r in results] : nothing
    end
end

let server = Server(parse(Int, ARGS[1]), ARGS[2])
    until(() -> ask(server, "GET", "/ping"; limit = 30.0)[1] == 200 ? true : nothing, 300)
    for path in ARGS[3:end], (errored, body) in shown(server, path)
        println(basename(path), errored ? " FAILED " : " shows ", replace(string(body), '\n' => ' '))
    end
end
