# Which cells run, and in which order.

const Failures = Dict{UUID,Exception}

struct MultipleDefinitions <: Exception
    names::Vector{Symbol}
end
Base.showerror(io::IO, error::MultipleDefinitions) =
    print(io, "Defined in several cells: ", join(sort(error.names), ", "), ". Only one cell may define a name.")

struct Circle <: Exception
    names::Vector{Symbol}
end
Base.showerror(io::IO, error::Circle) = print(io, "These cells need each other: ", join(sort(error.names), ", "), ".")

defined(analysis::Analysis) = union(analysis.definitions, analysis.functions)
meets(one, other) = any(in(other), one)

"Cells, in the notebook's order, that read any of these names."
readers(cells, topology, names) = [id for id in cells if haskey(topology, id) && meets(names, topology[id].references)]
definers(cells, topology, names) = [id for id in cells if haskey(topology, id) && meets(names, defined(topology[id]))]

function rivals(cells, topology, id)
    own = topology[id]
    return filter(cells) do other
        haskey(topology, other) || return false
        its = topology[other]
        meets(own.definitions, its.definitions) || meets(own.definitions, its.functions) ||
            meets(own.functions, its.definitions) || meets(own.methods, its.methods)
    end
end

function precedence(analysis::Analysis)
    reads(names...) = any(name -> Symbol(name) in analysis.references, names)
    :Pkg in analysis.definitions && return 1
    reads("Pkg.activate", "Pkg.API.activate", "@pkg_str") && return 3
    reads("Pkg.add", "Pkg.develop") && return 4
    reads("LOAD_PATH") && return 5
    :Revise in analysis.definitions && return 6
    isempty(analysis.usings) || return 7
    reads("include") && return 8
    return 9
end

"The cells to run for these roots, each after what it reads, and the cells that cannot run."
function order(cells::Vector{UUID}, topology::Topology, roots)
    entered, left, failures = UUID[], UUID[], Failures()

    function visit(id)
        (id in left || haskey(failures, id) || !haskey(topology, id)) && return
        if id in entered
            last(entered) == id || mark_circle(id)
            return
        end
        push!(entered, id)
        same = rivals(cells, topology, id)
        if length(same) > 1
            for one in same
                others = reduce(union, (defined(topology[other]) for other in same if other != one))
                failures[one] = MultipleDefinitions(collect(intersect(defined(topology[one]), others)))
            end
        end
        for next in union(same, reverse(readers(cells, topology, defined(topology[id]))))
            next == id || visit(next)
        end
        push!(left, id)
    end

    function mark_circle(id)
        path = setdiff(entered, left)
        circle = path[findfirst(isequal(id), path):end]
        names = intersect(reduce(union, (defined(topology[one]) for one in circle)),
            reduce(union, (topology[one].references for one in circle)))
        # Functions may call each other.
        all(name -> any(one -> name in topology[one].functions, circle), names) && return
        foreach(one -> failures[one] = Circle(collect(names)), circle)
    end

    known = filter(id -> haskey(topology, id), collect(UUID, roots))
    foreach(visit, reverse(sort(known; alg = MergeSort, by = id -> precedence(topology[id]))))
    return filter(id -> !haskey(failures, id), reverse(left)), failures
end

"All cells as they would run; those that cannot come last."
function whole_order(notebook::Notebook)
    runnable, failures = order(notebook.cell_order, notebook.topology, notebook.cell_order)
    return union(runnable, filter(id -> haskey(failures, id), notebook.cell_order))
end
