"""
A stand-in for Pluto 0.17.7, for tests: the same names and the same frames, none of its code. See tests/julia/README.md.
"""
module Pluto

# All of this runs a few times only: what counts is that it is compiled quickly.
Base.Experimental.@optlevel 0


import Base64, Dates, Distributed, InteractiveUtils, Markdown, Random, SHA, Sockets
import UUIDs: UUID, uuid1

const VERSION_TEXT = "v0.17.7"
const JULIA_TEXT = "v" * string(VERSION)
const HERE = dirname(@__DIR__)

include("configuration.jl")
include("msgpack.jl")
include("http.jl")
include("websocket.jl")
include("analysis.jl")
include("definitions.jl")
include("notebook.jl")
include("topology.jl")
include("notebook_file.jl")
include("session.jl")
include("state.jl")
include("workspace.jl")
include("running.jl")
include("actions.jl")
include("edits.jl")
include("messages.jl")
include("pages.jl")
include("routes.jl")
include("server.jl")
include("precompile.jl")

end
