"Starts the server with these options and stays in it."
run(; kwargs...) = run(Configuration.from_flat_kwargs(; kwargs...))
run(options::Configuration.Options) = run(ServerSession(; options = options))

function run(session::ServerSession)
    server_options = session.options.server
    notebooks = server_options.notebook
    for path in (notebooks === nothing ? String[] : notebooks isa AbstractString ? [notebooks] : notebooks)
        SessionActions.open(session, path)
    end
    host = parse(Sockets.IPAddr, server_options.host)
    port, listener = server_options.port === nothing ? Sockets.listenany(host, UInt16(1234)) :
        (server_options.port, Sockets.listen(host, UInt16(server_options.port)))
    secret = session.options.security.require_secret_for_access ? "?secret=$(session.secret)" : ""
    println("Pluto's stand-in serves http://$host:$(Int(port))/$secret")
    flush(stdout)
    serve(session, listener)
end

function serve(session::ServerSession, listener)
    # While a first notebook started on a busy machine, Julia 1.5.3 was seen asleep with requests waiting, until
    # something else happened. Here something does.
    heartbeat = Timer(_ -> nothing, 0.25; interval = 0.25)
    try
        while isopen(listener)
            socket = Sockets.accept(listener)
            @async serve_connection(session, socket)
        end
    catch error
        error isa Union{InterruptException,Base.IOError} || rethrow()
    finally
        close(heartbeat)
        close(listener)
        foreach(end_workspace, values(session.notebooks))
    end
end

function serve_connection(session::ServerSession, socket)
    try
        while (request = read_request(socket)) !== nothing
            wants_websocket(request) && return take_websocket(session, socket, request)
            if haskey(request.query, "token") && session.binder_token === nothing
                session.binder_token = request.query["token"]
            end
            response = try
                respond(session, request)
            catch error
                @error "A request failed" request.path exception = (error, catch_backtrace())
                Response(500)
            end
            push!(response.headers, "Referrer-Policy" => "origin-when-cross-origin")
            write_response(socket, request, response) || break
        end
    catch error
        error isa BadRequest && return refuse_request(socket)
        error isa Union{Base.IOError,EOFError,ArgumentError} || @warn "A connection failed" exception = (error, catch_backtrace())
    finally
        close(socket)
    end
end

refuse_request(socket) =
    write(socket, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

function take_websocket(session::ServerSession, socket, request::Request)
    security = session.options.security
    if (security.require_secret_for_access || security.require_secret_for_open_links) && !has_secret(session, request)
        write_response(socket, request, Response(403))
        return
    end
    websocket = accept_websocket(socket, request)
    websocket === nothing ? write_response(socket, request, Response(500)) : serve_websocket(session, websocket)
end
