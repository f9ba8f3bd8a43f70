# RFC 6455, the server's side, without extensions. Fragments are put together; text is read like binary.

mutable struct WebSocket
    io::IO
    writing::ReentrantLock
    open::Bool
end

const CONTINUED, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xa
const MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

wants_websocket(request::Request) = request.method == "GET" && has_token(request, "Connection", "upgrade") &&
    lowercase(header(request, "Upgrade")) == "websocket"

"Answers the handshake; nothing when it is not one."
function accept_websocket(io, request::Request)
    key = header(request, "Sec-WebSocket-Key")
    (isempty(key) || header(request, "Sec-WebSocket-Version") != "13") && return nothing
    accepted = Base64.base64encode(SHA.sha1(key * MAGIC))
    write(io, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n",
        "Sec-WebSocket-Accept: $accepted\r\n\r\n")
    return WebSocket(io, ReentrantLock(), true)
end

function write_frame(socket::WebSocket, code::UInt8, payload)
    size = length(payload)
    head = size < 126 ? UInt8[0x80 | code, size] :
        size <= typemax(UInt16) ? [0x80 | code; 0x7e; reinterpret(UInt8, [hton(UInt16(size))])] :
        [0x80 | code; 0x7f; reinterpret(UInt8, [hton(UInt64(size))])]
    lock(socket.writing) do
        write(socket.io, vcat(head, payload))
    end
end

"One frame: whether it is the message's last, its code, its bytes unmasked."
function read_frame(socket::WebSocket)
    first_byte, second = read(socket.io, UInt8), read(socket.io, UInt8)
    size = UInt64(second & 0x7f)
    size == 126 && (size = UInt64(ntoh(read(socket.io, UInt16))))
    size == 127 && (size = ntoh(read(socket.io, UInt64)))
    mask = (second & 0x80) != 0 ? read(socket.io, 4) : zeros(UInt8, 4)
    payload = read(socket.io, size)
    length(payload) == size || throw(EOFError())
    for place in eachindex(payload)
        payload[place] ⊻= mask[(place-1)&3+1]
    end
    return (first_byte & 0x80) != 0, first_byte & 0x0f, payload
end

"The next message, or nothing when the other side closes or goes."
function read_message(socket::WebSocket)
    message = UInt8[]
    while socket.open
        last_one, code, payload = try
            read_frame(socket)
        catch error
            error isa Union{EOFError,Base.IOError} || rethrow()
            return nothing
        end
        if code == PING
            write_frame(socket, PONG, payload)
        elseif code == CLOSE
            socket.open = false
            write_frame(socket, CLOSE, payload[1:min(end, 2)])
        elseif code != PONG
            append!(message, payload)
            last_one && return message
        end
    end
    return nothing
end

"Says goodbye, unless the other side has said it."
function close_websocket(socket::WebSocket)
    if socket.open
        socket.open = false
        try
            write_frame(socket, CLOSE, UInt8[0x03, 0xe8])
        catch error
            error isa Union{Base.IOError,ArgumentError} || rethrow()
        end
    end
    close(socket.io)
end
