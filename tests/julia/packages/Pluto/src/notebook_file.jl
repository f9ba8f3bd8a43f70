# A notebook as a file: a Julia program whose comments say where cells begin and how they are ordered.

const FIRST_LINE = "### A Pluto.jl notebook ###"
const CELL_MARK = "# ╔═╡ "
const SHOWN_MARK = "# ╠═"
const FOLDED_MARK = "# ╟─"
const ORDER_TITLE = "Cell order:"
# Cells of this kind hold the notebook's packages.
const PACKAGE_CELLS = (UUID(1), UUID(2))

# What `@bind` is for a plain Julia that runs the file.
const PLAIN_BIND = """
    # Sliders move in Pluto only; elsewhere @bind gives its variable a first value.
    macro bind(name, element)
        quote
            local shown = \$(esc(element))
            global \$(esc(name)) = Core.applicable(Base.get, shown) ? Base.get(shown) : missing
            shown
        end
    end
    """

function file_text(notebook::Notebook)
    out = IOBuffer()
    print(out, FIRST_LINE, "\n# ", VERSION_TEXT, "\n\nusing Markdown\nusing InteractiveUtils\n\n")
    any(cell -> occursin("@bind", cell.code), values(notebook.cells)) && print(out, PLAIN_BIND, "\n")
    for id in whole_order(notebook)
        print(out, CELL_MARK, id, "\n", replace(notebook.cells[id].code, CELL_MARK => "# "), "\n\n")
    end
    println(out, CELL_MARK, ORDER_TITLE)
    for cell in ordered(notebook)
        println(out, cell.code_folded ? FOLDED_MARK : SHOWN_MARK, cell.cell_id)
    end
    return String(take!(out))
end

function save(session, notebook::Notebook)
    session.options.server.disable_writing_notebook_files && return
    notebook.last_save_time = time()
    write(notebook.path, file_text(notebook))
end

function load_notebook(path::AbstractString)
    text = replace(read(path, String), "\r\n" => "\n")
    startswith(text, FIRST_LINE) || error("$path is not a Pluto notebook")
    parts = split(text, CELL_MARK)
    cells = Dict{UUID,Cell}()
    order = UUID[]
    for part in parts[2:end]
        title, rest = (split(part, "\n"; limit = 2)..., "")
        if title == ORDER_TITLE
            order = read_order(rest, cells)
        else
            id = UUID(strip(title))
            cells[id] = Cell(; cell_id = id, code = endswith(rest, "\n\n") ? chop(rest; tail = 2) : rest)
        end
    end
    appeared = setdiff(union(filter(id -> haskey(cells, id), order), keys(cells)), PACKAGE_CELLS)
    return Notebook([cells[id] for id in appeared], String(path))
end

function read_order(text, cells)
    order = UUID[]
    for line in split(text, "\n")
        folded = startswith(line, FOLDED_MARK)
        folded || startswith(line, SHOWN_MARK) || break
        id = UUID(line[end-35:end])
        haskey(cells, id) && (cells[id].code_folded = folded)
        push!(order, id)
    end
    return order
end
