# HTTP/1.1: requests are read whole, answers without a Content-Length are chunked, connections are kept.

const LIMIT_OF_HEAD = 64 * 1024

struct Request
    method::String
    path::String
    query::Dict{String,String}
    version::String
    headers::Vector{Pair{String,String}}
    body::Vector{UInt8}
end

mutable struct Response
    status::Int
    headers::Vector{Pair{String,String}}
    body::Vector{UInt8}
end

Response(status::Int, body::AbstractString = "", headers::Pair{String,String}...) =
    Response(status, collect(Pair{String,String}, headers), Vector{UInt8}(codeunits(body)))

struct BadRequest <: Exception
    reason::String
end

"A field's value, or \"\"; of several the first."
function header(message, name::AbstractString)
    found = findfirst(pair -> lowercase(first(pair)) == lowercase(name), message.headers)
    return found === nothing ? "" : last(message.headers[found])
end

has_token(request, name, token) = any(word -> lowercase(strip(word)) == token, split(header(request, name), ","))

function unescape(text::AbstractString)
    bytes = UInt8[]
    units = codeunits(text)
    place = 1
    while place <= length(units)
        code = units[place] == UInt8('%') && place + 2 <= length(units) ?
            tryparse(UInt8, String(units[place+1:place+2]); base = 16) : nothing
        push!(bytes, code === nothing ? units[place] : code)
        place += code === nothing ? 1 : 3
    end
    return String(bytes)
end

function query_of(text::AbstractString)
    found = Dict{String,String}()
    for part in split(text, "&"; keepempty = false)
        name, value = (split(part, "="; limit = 2)..., "")
        found[unescape(replace(name, "+" => " "))] = unescape(replace(value, "+" => " "))
    end
    return found
end

function head_line(io)
    line = readline(io; keep = true)
    isempty(line) && throw(EOFError())
    sizeof(line) > LIMIT_OF_HEAD && throw(BadRequest("a line of the head is too long"))
    return String(chomp(line))
end

function read_headers(io)
    headers = Pair{String,String}[]
    size = 0
    while (line = head_line(io)) != ""
        size += sizeof(line)
        size > LIMIT_OF_HEAD && throw(BadRequest("the head is too long"))
        parts = split(line, ":"; limit = 2)
        length(parts) == 2 || throw(BadRequest("a field has no colon"))
        push!(headers, String(parts[1]) => String(strip(parts[2])))
    end
    return headers
end

function read_chunks(io)
    body = UInt8[]
    while (size = parse(Int, strip(first(split(head_line(io), ";"))); base = 16)) > 0
        append!(body, read(io, size))
        head_line(io)
    end
    read_headers(io)  # trailers
    return body
end

function read_body(io, headers)
    message = (headers = headers,)
    lowercase(header(message, "Expect")) == "100-continue" && write(io, "HTTP/1.1 100 Continue\r\n\r\n")
    lowercase(header(message, "Transfer-Encoding")) == "chunked" && return read_chunks(io)
    size = header(message, "Content-Length")
    return isempty(size) ? UInt8[] : read(io, parse(Int, size))
end

"The next request of a connection, or nothing at its end."
function read_request(io)
    line = ""
    while line == ""
        eof(io) && return nothing
        line = head_line(io)
    end
    words = split(line, " ")
    length(words) == 3 || throw(BadRequest("the first line is not a request"))
    method, target, version = String.(words)
    path, query = (split(first(split(target, "#")), "?"; limit = 2)..., "")
    headers = read_headers(io)
    return Request(method, unescape(path), query_of(query), version, headers, read_body(io, headers))
end

const REASONS = Dict(101 => "Switching Protocols", 200 => "OK", 302 => "Found", 400 => "Bad Request",
    403 => "Forbidden", 404 => "Not Found", 500 => "Internal Server Error")

kept(request::Request) = request.version == "HTTP/1.1" ? !has_token(request, "Connection", "close") :
    has_token(request, "Connection", "keep-alive")

"Whether the connection stays open afterwards."
function write_response(io, request::Request, response::Response)
    sized = header(response, "Content-Length") != ""
    chunked = !sized && request.version == "HTTP/1.1"
    out = IOBuffer()
    print(out, "HTTP/1.1 ", response.status, " ", get(REASONS, response.status, "Unknown"), "\r\n")
    for (name, value) in response.headers
        print(out, name, ": ", value, "\r\n")
    end
    chunked && print(out, "Transfer-Encoding: chunked\r\n")
    stays = (sized || chunked) && kept(request)
    stays || print(out, "Connection: close\r\n")
    print(out, "\r\n")
    if request.method != "HEAD"
        if chunked
            isempty(response.body) ||
                write(out, string(length(response.body); base = 16), "\r\n", response.body, "\r\n")
            write(out, "0\r\n\r\n")
        else
            write(out, response.body)
        end
    end
    write(io, take!(out))
    return stays
end
