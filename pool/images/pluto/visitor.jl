# A visitor of a Pluto server: HTTP and websocket over plain sockets, so that no version of any package matters.
import Sockets

include(joinpath(@__DIR__, "msgpack.jl"))

struct Server
    port::Int
    secret::String
end

const ANSWER_LIMIT = 120.0 # seconds; the first answer of its kind is compiled before it is given

"""Send one request and return status, header fields (lower case) and body; status 0 when nobody answers."""
function ask(server::Server, method, target; limit = ANSWER_LIMIT)
    socket = try
        Sockets.connect(Sockets.localhost, server.port)
    catch
        return 0, Dict{String,String}(), UInt8[]
    end
    timer = Timer(_ -> close(socket), limit)
    try
        write(socket, "$method $target HTTP/1.1\r\nHost: localhost\r\nCookie: secret=$(server.secret)\r\n" *
                      "Content-Length: 0\r\nConnection: close\r\n\r\n")
        read_answer(socket)
    catch
        0, Dict{String,String}(), UInt8[]
    finally
        close(timer)
        close(socket)
    end
end

"""One answer. Not read to the connection's end: some servers keep it open although they are asked not to."""
function read_answer(socket)
    status = parse(Int, split(readline(socket), ' ')[2])
    fields = Dict{String,String}()
    while (line = readline(socket); !isempty(strip(line)))
        colon = findfirst(':', line)
        colon === nothing || (fields[lowercase(line[1:colon-1])] = strip(line[colon+1:end]))
    end
    body = occursin("chunked", get(fields, "transfer-encoding", "")) ? read_chunks(socket) :
        haskey(fields, "content-length") ? read(socket, parse(Int, fields["content-length"])) : read(socket)
    status, fields, body
end

function read_chunks(socket)
    whole = UInt8[]
    while true
        size = parse(Int, first(split(strip(readline(socket)), ';')); base = 16)
        append!(whole, read(socket, size))
        readline(socket)
        size == 0 && return whole
    end
end

escaped(path) = join(c in UInt8('a'):UInt8('z') || c in UInt8('A'):UInt8('Z') || c in UInt8('0'):UInt8('9') ||
    c in b"/-_.~" ? Char(c) : string('%', uppercase(string(c, base = 16, pad = 2))) for c in codeunits(path))

"""What opens a notebook and runs it."""
open_target(path) = "/open?path=$(escaped(path))&execution_allowed=true"

"""Open a notebook; return its id, or nothing and why."""
function open_notebook(server, target)
    status, fields, body = ask(server, "POST", target)
    text = String(copy(body))
    id = match(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", status == 200 ? text : get(fields, "location", ""))
    id === nothing ? (nothing, "answered $status: $(first(replace(text, r"<[^>]*>|\s+" => " "), 300))") : (String(id.match), "")
end

"""The state of a notebook as its page sees it, or nothing."""
function state_of(server, id)
    status, _, body = ask(server, "GET", "/statefile?id=$id")
    status == 200 ? unpack(IOBuffer(body)) : nothing
end

"""Speak with a notebook as its page does: each message is sent when the one before was answered, or after `limit`."""
function converse(server, id, messages; limit = ANSWER_LIMIT)
    socket = Sockets.connect(Sockets.localhost, server.port)
    timer = Timer(_ -> close(socket), limit)
    try
        write(socket, "GET / HTTP/1.1\r\nHost: localhost\r\nCookie: secret=$(server.secret)\r\nConnection: Upgrade\r\n" *
                      "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: d2FybWdhdGUgdHJhY2VzIQ==\r\n\r\n")
        occursin(" 101 ", readline(socket)) || return false
        while !isempty(strip(readline(socket))) end
        for (n, (kind, body, answer)) in enumerate(messages)
            send(socket, pack(Dict("type" => kind, "client_id" => "warmgate", "request_id" => "r$n",
                "notebook_id" => id, "body" => body)))
            isempty(answer) || while !occursin(answer, String(receive(socket))) end
        end
        true
    catch
        false
    finally
        close(timer)
        close(socket)
    end
end

const MASK = UInt8[1, 2, 3, 4]

"""Send one binary frame, masked as a client has to."""
function send(socket, payload)
    size = length(payload)
    head = size < 126 ? UInt8[0x82, 0x80|size] : size < 65536 ? [0x82, 0xfe, reinterpret(UInt8, [hton(UInt16(size))])...] :
        [0x82, 0xff, reinterpret(UInt8, [hton(UInt64(size))])...]
    write(socket, vcat(head, MASK, [byte ⊻ MASK[mod1(n, 4)] for (n, byte) in enumerate(payload)]))
end

"""One message; its frames put together."""
function receive(socket)
    whole = UInt8[]
    while true
        head = read(socket, 2)
        size = Int(head[2] & 0x7f)
        size == 126 && (size = Int(ntoh(read(socket, UInt16))))
        size == 127 && (size = Int(ntoh(read(socket, UInt64))))
        append!(whole, read(socket, size))
        head[1] & 0x80 == 0 || return whole
    end
end
