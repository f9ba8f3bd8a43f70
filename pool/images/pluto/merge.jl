# Puts all traces together, each statement once: `julia merge.jl TRACES STATEMENTS`.
include(joinpath(@__DIR__, "common.jl"))

"""Can a system image hold this? What was defined in a process itself (Main, a notebook's workspace) is nowhere else."""
keepable(line) = startswith(line, "precompile(") && !occursin("Main.", line) && !occursin("workspace#", line) &&
    (parsed = Meta.parse(line; raise = false); parsed isa Expr && parsed.head == :call)

let (folder, file) = ARGS
    lines = [String(strip(first(split(line, "# recompile")))) for name in readdir(folder)
             for line in eachline(joinpath(folder, name))]
    kept = filter(keepable, unique(lines))
    write(file, join(kept, "\n"), "\n")
    tell(; traced = length(lines), kept = length(kept), processes = length(readdir(folder)))
end
