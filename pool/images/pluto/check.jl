# Reads the notebooks as Julia does, before anything is installed: `julia check.jl FOLDER [MANIFEST]`.
#
# Everything that is wrong is told at once. With the manifest of a finished image it also tells which notebooks name
# other versions than the image holds.
include(joinpath(@__DIR__, "common.jl"))

const problems = Tuple{String,String}[]

at(notebook, cell, line) = "$(notebook.name), cell $(cell.id), line $line"

"""Every expression of a cell; with the lines of the file where the parser began and where it does itself.

What does not parse is a problem.
"""
function expressions(notebook, cell)
    found = Tuple{Any,NTuple{2,Int}}[]
    position, stop = 1, ncodeunits(cell.code) + 1
    while position < stop
        start = position
        parsed, position = Meta.parse(cell.code, start; greedy = true, raise = false)
        begun = after_comments(cell.code, start)
        if parsed isa Expr && parsed.head in (:error, :incomplete)
            wrong = parsed.head == :incomplete ? begun : min(position, ncodeunits(cell.code))
            why, line = said_of(parsed.args[1], cell.line + newlines(cell.code, start))
            line = something(line, cell.line + newlines(cell.code, wrong))
            push!(problems, ("notebook", "$(at(notebook, cell, line)): $why"))
            return found
        end
        parsed === nothing || push!(found, (parsed, map(at -> cell.line + newlines(cell.code, at), (start, begun))))
    end
    found
end

"""What a parser says, in one line; from Julia 1.10 on it also knows the line, counted from where it began."""
function said_of(wrong, first_line)
    text = wrong isa Meta.ParseError ? wrong.msg : string(wrong)
    place = match(r"@ none:(\d+)", text)
    lines = filter(line -> !occursin(r"^(ParseError:|\s*)$|^# Error @", line), split(text, '\n'))
    first(join(lines, " "), 200), place === nothing ? nothing : first_line + parse(Int, place[1]) - 1
end

after_comments(code, position) =
    (found = match(r"\G(?:\s|#=(?:.|\n)*?=#|#[^=\n][^\n]*|#(?=\n))*"s, code, position); position + ncodeunits(found.match))

newlines(code, position) = count(==('\n'), SubString(code, 1, thisind(code, min(max(position - 1, 0), ncodeunits(code)))))

"""Call `see(expression, line)` for an expression that begins in a line, and for all in it that would be evaluated."""
function walk(see, expression, first_line, line)
    expression isa Expr || return
    expression.head in (:quote, :inert) && return
    see(expression, line)
    for part in expression.args
        part isa LineNumberNode && (line = first_line + part.line - 1)
        walk(see, part, first_line, line)
    end
end

"""The package names a `using` or `import` needs."""
function imported(expression)
    expression.head in (:using, :import) || return Symbol[]
    [root_of(part) for part in expression.args if root_of(part) !== nothing]
end
function root_of(part)
    part isa Expr || return nothing
    part.head in (:(:), :as) && return root_of(part.args[1])
    part.head == :. && part.args[1] isa Symbol && part.args[1] != :. ? part.args[1] : nothing
end

called(expression, name) = expression.head == :call && last_name(expression.args[1]) == name
last_name(callee) = callee isa Symbol ? callee :
    callee isa Expr && callee.head == :. && callee.args[end] isa QuoteNode ? callee.args[end].value : nothing

"""Does `Pkg.activate(…)` name the notebook's own folder?"""
names_folder(call) = any(call.args[2:end]) do argument
    argument == "." || (argument isa Expr && argument.head == :macrocall && argument.args[1] == Symbol("@__DIR__"))
end

function check(notebook, folder, extra)
    beside = joinpath(dirname(notebook.path), "Project.toml")
    projects = filter(isfile, unique([beside, joinpath(folder, "Project.toml")]))
    listed = union(Set(extra), keys(deps_of(notebook.project)), (keys(deps_of(TOML.parsefile(p))) for p in projects)...)
    for cell in notebook.cells, (expression, lines) in expressions(notebook, cell)
        walk(expression, lines...) do part, line
            if called(part, :activate) && names_folder(part) && !isfile(beside)
                push!(problems, ("project", "$(at(notebook, cell, line)): activates the folder's project, and there is no Project.toml"))
            end
            for name in imported(part)
                if !(string(name) in listed) && !(name in (:Base, :Core, :Main, :PlutoRunner)) && !is_stdlib(string(name))
                    push!(problems, ("project", "$(at(notebook, cell, line)): `$name` is neither in the notebook's own list of packages nor in a Project.toml"))
                end
            end
        end
    end
end

function check_shape(folder)
    for name in files_of(folder)
        path = joinpath(folder, name)
        if endswith(name, "Manifest.toml") && !isfile(joinpath(dirname(path), "Project.toml"))
            push!(problems, ("project", "$name has no Project.toml beside it"))
        end
        endswith(name, ".jl") || continue
        text = String(read(path))
        marked = occursin("\n" * CELL, text)
        if !isvalid(text)
            push!(problems, ("notebook", "$name is not UTF-8 text"))
        elseif startswith(text, HEADER) && !(marked && occursin("\n" * ORDER, text))
            push!(problems, ("notebook", "$name begins as a Pluto notebook, and has no cells or no cell order"))
        elseif marked && !startswith(text, HEADER)
            push!(problems, ("notebook", "$name has Pluto's cells, and its first line is not `$HEADER`"))
        end
    end
end

function pins(notebook, held)
    for (name, version) in sort!(collect(versions_of(notebook.manifest)))
        have = get(held, name, version)
        have == version || tell(; warning = "pin", notebook = notebook.name,
            text = "names $name $version, the image holds $have and uses that")
    end
end

let (folder, extra) = (ARGS[1], split(get(ENV, "PACKAGES", "")))
    check_shape(folder)
    found = isempty(problems) ? notebooks_of(folder) : Notebook[]
    foreach(notebook -> check(notebook, folder, extra), found)
    if !isempty(problems)
        kind = any(p -> p[1] == "notebook", problems) ? "notebook" : "project"
        fail(kind, join((text for (k, text) in problems if k == kind), "\n"))
    end
    if length(ARGS) > 1
        held = versions_of(read(ARGS[2], String))
        foreach(notebook -> pins(notebook, held), found)
    end
end
