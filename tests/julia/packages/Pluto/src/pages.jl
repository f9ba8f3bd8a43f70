# The pages: this stand-in's own. The script's name holds the hash of what it says.

const PAGE_FOLDER = joinpath(HERE, "page")
const SCRIPTS =
    ["msgpack.js", "connection.js", "state.js", "bonds.js", "code_editor.js", "cells.js", "shortcuts.js", "main.js"]
foreach(name -> include_dependency(joinpath(PAGE_FOLDER, name)), [SCRIPTS; "editor.html"; "index.html"])

const SCRIPT = string("{\n", (read(joinpath(PAGE_FOLDER, name), String) for name in SCRIPTS)..., "}\n")
const SCRIPT_NAME = string("editor.", bytes2hex(SHA.sha256(SCRIPT))[1:8], ".js")
const EDITOR_PAGE = replace(read(joinpath(PAGE_FOLDER, "editor.html"), String), "SCRIPT_NAME" => SCRIPT_NAME)
const START_PAGE = read(joinpath(PAGE_FOLDER, "index.html"), String)
const MONTH = 30 * 24 * 60 * 60

escaped(text) = replace(replace(replace(text, "&" => "&amp;"), "<" => "&lt;"), ">" => "&gt;")

"A file of the page: with its length, and for every origin."
function asset(body, type; immutable = false)
    headers = ["Content-Type" => type, "Content-Length" => string(sizeof(body)), "Access-Control-Allow-Origin" => "*"]
    immutable && push!(headers, "Cache-Control" => "public, max-age=$MONTH, immutable")
    return Response(200, body, headers...)
end

const HTML = "text/html; charset=UTF-8"
const JAVASCRIPT = "text/javascript; charset=UTF-8"

const ASSETS = Dict{String,Function}(
    SCRIPT_NAME => () -> asset(SCRIPT, JAVASCRIPT; immutable = true),
    "editor.js" => () -> asset(SCRIPT, JAVASCRIPT),
    "editor.html" => () -> asset(EDITOR_PAGE, HTML),
    "index.html" => () -> asset(START_PAGE, HTML),
)

failure(status, title, advice, details = "") = Response(status, """
    <!DOCTYPE html>
    <html lang="en"><head><meta charset="utf-8"><title>$title</title></head>
    <body><h1>$title</h1><p>$advice</p><pre>$(escaped(details))</pre></body></html>
    """, "Content-Type" => "text/html")

"A notebook's outputs as a page of their own."
function exported(notebook::Notebook)
    shown = map(ordered(notebook)) do cell
        body = cell.output.body
        text = cell.output.mime == "text/html" ? body : body isa AbstractString ? escaped(body) : ""
        "<section id=\"$(cell.cell_id)\"><div>$text</div><pre>$(escaped(cell.code))</pre></section>"
    end
    state = Base64.base64encode(pack(state_of(notebook)))
    return """
    <!DOCTYPE html>
    <html lang="en"><head><meta charset="utf-8"><title>$(escaped(basename(notebook.path)))</title></head>
    <body data-state="$state">$(join(shown, "\n"))</body></html>
    """
end
