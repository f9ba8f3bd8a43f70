# HTTP routes. A GET of /new and /open changes as much as a POST does: that is how 0.17.7 is.

function has_secret(session::ServerSession, request::Request)
    get(request.query, "secret", "") == session.secret && return true
    cookies = [strip(part) for pair in request.headers if lowercase(first(pair)) == "cookie" for part in split(last(pair), ";")]
    return "secret=$(session.secret)" in cookies
end

"`f`'s answer, with the cookie; without the secret, where it is needed, a page that says so."
function guarded(f, session::ServerSession, request::Request, required::Bool)
    required && !has_secret(session, request) &&
        return failure(403, "The secret is missing", "Open the address that the server has printed: it holds the secret.")
    response = f()
    push!(response.headers, "Set-Cookie" => "secret=$(session.secret); SameSite=Strict; HttpOnly")
    if !required
        filter!(pair -> first(pair) != "Access-Control-Allow-Origin", response.headers)
        push!(response.headers, "Access-Control-Allow-Origin" => "*")
    end
    return response
end

details(error) = sprint(showerror, error)

"The notebook that `action` opens, as a redirect to its page for a GET and as its id for a POST."
function opened(action, request::Request)
    notebook = try
        action()
    catch error
        error isa SessionActions.NotebookIsRunningException ||
            return failure(500, "The notebook cannot be loaded", "", details(error))
        error.notebook
    end
    id = string(notebook.notebook_id)
    return request.method == "GET" ? Response(302, "", "Location" => "./edit?id=$id") : Response(200, id)
end

function open_notebook(session, request)
    haskey(request.query, "url") && return failure(500, "The notebook cannot be loaded", "This stand-in downloads nothing.")
    haskey(request.query, "path") || return failure(400, "Bad query", "Name a path.")
    path = SessionActions.whole(request.query["path"])
    isfile(path) || return failure(404, "There is no such file", escaped(path))
    return opened(() -> SessionActions.open(session, path), request)
end

"Answers with what `f` makes of the notebook named by `?id=`."
function of_notebook(f, session, request)
    try
        return f(session.notebooks[UUID(request.query["id"])])
    catch error
        return failure(400, "Bad query", "There is no such notebook.", details(error))
    end
end

inline(name) = "Content-Disposition" => "inline; filename=\"$name\""
stem(notebook) = first(splitext(basename(notebook.path)))

notebook_file(notebook) =
    Response(200, file_text(notebook), "Content-Type" => "text/julia; charset=utf-8", inline(basename(notebook.path)))
state_file(notebook) = Response(200,
    ["Content-Type" => "application/octet-stream", inline(stem(notebook) * ".plutostate")], pack(state_of(notebook)))
export_file(notebook) = Response(200, exported(notebook), "Content-Type" => "text/html; charset=utf-8",
    inline(basename(notebook.path) * ".html"))

function upload(session, request)
    path = SessionActions.save_upload(request.body)
    return opened(() -> SessionActions.open(session, path), request)
end

function respond(session::ServerSession, request::Request)
    security = session.options.security
    always = security.require_secret_for_access || security.require_secret_for_open_links
    parts = split(request.path, "/"; keepempty = false)
    name = join(parts, "/")
    by(methods, f; required = always) = request.method in methods ? guarded(f, session, request, required) : Response(404)
    get, both = ("GET",), ("GET", "POST")
    name == "ping" && request.method == "GET" && return Response(200, "OK!")
    name == "possible_binder_token_please" && request.method == "GET" &&
        return Response(200, something(session.binder_token, ""))
    name == "" && return by(get, () -> asset(START_PAGE, HTML); required = security.require_secret_for_access)
    name == "edit" && return by(get, () -> asset(EDITOR_PAGE, HTML))
    name == "new" && return by(both, () -> opened(() -> SessionActions.new(session), request))
    name == "open" && return by(both, () -> open_notebook(session, request))
    name == "notebookfile" && return by(get, () -> of_notebook(notebook_file, session, request))
    name == "statefile" && return by(get, () -> of_notebook(state_file, session, request))
    name == "notebookexport" && return by(get, () -> of_notebook(export_file, session, request))
    name == "notebookupload" && return by(("POST",), () -> upload(session, request))
    length(parts) > 1 && parts[1] == "sample" &&
        return by(both, () -> failure(500, "The sample cannot be loaded", "This stand-in has none."))
    request.method == "GET" || return Response(404)
    return haskey(ASSETS, name) ? ASSETS[name]() : Response(404, "Not found!")
end
