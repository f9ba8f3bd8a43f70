"A page or another client; `state` is the notebook's state as this client knows it, nothing before the first."
mutable struct Client
    id::String
    socket::WebSocket
    notebook::Union{Nothing,Notebook}
    state::Any
end

"Who asked, so that the answer finds its question."
struct Initiator
    client::Client
    request_id::String
end

const LETTERS = [collect('a':'z'); collect('A':'Z'); collect('0':'9')]

Base.@kwdef mutable struct ServerSession
    connected_clients::Dict{String,Client} = Dict{String,Client}()
    notebooks::Dict{UUID,Notebook} = Dict{UUID,Notebook}()
    secret::String = String(rand(Random.RandomDevice(), LETTERS, 8))
    binder_token::Union{Nothing,String} = nothing
    options::Configuration.Options = Configuration.Options()
end

"One envelope to one client; false when it is gone."
function post(client::Client, type, message; notebook = nothing, initiator = nothing)
    envelope = Dict{String,Any}("type" => type, "message" => message)
    notebook === nothing || (envelope["notebook_id"] = notebook.notebook_id)
    if initiator !== nothing
        envelope["initiator_id"] = initiator.client.id
        envelope["request_id"] = initiator.request_id
    end
    socket = client.socket
    try
        isopen(socket.io) || return false
        write_frame(socket, BINARY, pack(envelope))
        return true
    catch error
        error isa Union{Base.IOError,ArgumentError} || rethrow()
        # Its next page may have come under the same id meanwhile.
        return client.socket !== socket
    end
end

function post_to_all(session::ServerSession, type, message; initiator = nothing)
    for client in collect(values(session.connected_clients))
        post(client, type, message; initiator = initiator) || forget(session, client)
    end
end

function forget(session::ServerSession, client::Client)
    get(session.connected_clients, client.id, nothing) === client && delete!(session.connected_clients, client.id)
end
