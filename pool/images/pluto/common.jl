# What the scripts of a build share: how they speak to the builder, and what a notebook file holds.
#
# They run on Julia 1.5 to 1.12 with nothing installed.
import Pkg

const TOML = VERSION < v"1.6" ? Pkg.TOML :
    Base.require(Base.PkgId(Base.UUID("fa267f1f-6049-4f14-aa54-33bafae1ed76"), "TOML"))

const HEADER = "### A Pluto.jl notebook ###"
const CELL = "# ╔═╡ "
const ORDER = CELL * "Cell order:"
const PROJECT_CELL = "00000000-0000-0000-0000-000000000001"
const MANIFEST_CELL = "00000000-0000-0000-0000-000000000002"
const LONGEST = 1500 # characters of one text: a line is written at once, and the builder reads it whole

function json(text::AbstractString)
    escaped = sprint() do io
        for c in first(text, LONGEST)
            c == '"' ? print(io, "\\\"") : c == '\\' ? print(io, "\\\\") :
            c == '\n' ? print(io, "\\n") : c < ' ' ? print(io, ' ') : isvalid(c) ? print(io, c) : print(io, '?')
        end
    end
    string('"', escaped, '"')
end
json(number::Real) = string(number)

"""Tell the builder something: one line, `@warmgate` and a JSON object of texts and numbers."""
function tell(; pairs...)
    fields = join((string('"', key, "\":", json(value)) for (key, value) in pairs), ",")
    write(stdout, string("@warmgate {", fields, "}\n"))
    flush(stdout)
end

"""Tell why the build cannot go on, and end. `kind` chooses the builder's error."""
function fail(kind, text)
    tell(; error = kind, text = text)
    exit(1)
end

struct Cell
    id::String
    line::Int # of its first line of code, in the file
    code::String
end

struct Notebook
    name::String # its path inside the folder
    path::String
    cells::Vector{Cell}
    project::Dict{String,Any} # the package list it carries; empty when it has none
    manifest::String
end

"""Every file of a folder, by its path inside; hidden ones are left out."""
function files_of(folder)
    found = String[]
    for (root, dirs, files) in walkdir(folder)
        filter!(dir -> !startswith(dir, "."), dirs)
        append!(found, joinpath(root, file) for file in files if !startswith(file, "."))
    end
    sort!([relpath(path, folder) for path in found])
end

is_notebook(path) = endswith(path, ".jl") && startswith(String(read(path)), HEADER)

function read_notebook(folder, name)
    path = joinpath(folder, name)
    lines = split(String(read(path)), '\n')
    starts = [n for (n, line) in enumerate(lines) if startswith(line, CELL)]
    cells = Cell[]
    for (n, start) in enumerate(starts)
        id = strip(SubString(lines[start], ncodeunits(CELL) + 1))
        id == "Cell order:" && break
        stop = n < length(starts) ? starts[n+1] - 1 : length(lines)
        push!(cells, Cell(id, start + 1, join(lines[start+1:stop], '\n')))
    end
    project = literal(cells, PROJECT_CELL)
    Notebook(name, path, filter(c -> !startswith(c.id, "00000000"), cells), TOML.parse(project), literal(cells, MANIFEST_CELL))
end

"""The text that one of Pluto's own cells assigns to its constant."""
function literal(cells, id)
    for cell in cells
        cell.id == id || continue
        parsed = Meta.parse(cell.code; raise = false)
        if parsed isa Expr && parsed.head == :(=) && parsed.args[2] isa String
            return parsed.args[2]
        end
    end
    ""
end

notebooks_of(folder) = [read_notebook(folder, name) for name in files_of(folder) if is_notebook(joinpath(folder, name))]

deps_of(project) = get(project, "deps", Dict{String,Any}())

"""Versions by package name; both formats of manifest. What is part of Julia has none."""
function versions_of(manifest)
    parsed = isempty(manifest) ? Dict{String,Any}() : TOML.parse(manifest)
    entries = haskey(parsed, "manifest_format") ? get(parsed, "deps", Dict()) : parsed
    Dict(name => entry[1]["version"] for (name, entry) in entries
         if entry isa Vector && !isempty(entry) && haskey(entry[1], "version") && !is_stdlib(name))
end

is_stdlib(name) = isdir(joinpath(Sys.STDLIB, name))

"""The first lines of an error, as a person reads it."""
function said(err; lines = 6)
    text = sprint(showerror, err)
    join(Iterators.take(Iterators.filter(!isempty, strip.(split(text, '\n'))), lines), "\n")
end
