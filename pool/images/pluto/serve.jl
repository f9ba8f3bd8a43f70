# Starts Pluto for one visitor: `julia --startup-file=no serve.jl HOST PORT`.
#
# Read by the kind `pluto`, which passes it to any image's Julia with `-e`, and run by `warmgate build pluto` to see
# what such a server compiles. Pluto 0.14.1 to 1.x: an option this Pluto does not know is left out.
import Pluto

"""Have notebook processes use the runner that lies in the system image, as Pluto's module `PlutoRunner`.

They would evaluate its two thousand lines anew, and compile them, at each start: with Pluto 0.17.7 nine of the ten
seconds that a small notebook takes, and a quarter of its memory. Only where Pluto keeps what a new process is to do as
an expression with one `include` of `Loader.jl` in it (0.15 to 0.17); all others are left as they are.
"""
function use_runner_in_image()
    manager = Pluto.WorkspaceManager
    preamble = isdefined(manager, :process_preamble) ? manager.process_preamble : nothing
    preamble isa Expr || return
    loads(line) = line isa Expr && line.head == :call && line.args[1] == :include && endswith(string(line.args[end]), "Loader.jl")
    found = findall(loads, preamble.args)
    length(found) == 1 || return
    preamble.args[found[1]] = quote
        const PlutoRunner = Base.require($(Base.PkgId(Pluto))).PlutoRunner
        PlutoRunner.__init__()
    end
end

let
    host, port = ARGS
    # Notebooks are other processes and would inherit it.
    secret = pop!(ENV, "WARMGATE_TOKEN")
    wanted = Dict{Symbol,Any}(
        :host => host,
        :port => parse(Int, port),
        :launch_browser => false,
        :dismiss_update_notification => true,
        :dismiss_motivational_quotes => true,
        :show_file_system => false,
        :enable_ai_editor_features => false,
        # The gateway opens what its operator has named; a visitor's own notebook is the visitor's.
        :warn_about_untrusted_code => false,
        # One visitor, and a limit on processors that Julia does not see.
        :threads => "1",
    )
    # Where a notebook lies on a read-only disk, saving it would fail and nobody could open it.
    try
        mktemp((_, _) -> nothing, pwd())
    catch
        wanted[:disable_writing_notebook_files] = true
    end
    # From 0.19.28 on notebooks do not run on the server's system image by themselves.
    image = get(ENV, "WARMGATE_SYSIMAGE", "")
    isempty(image) || (wanted[:sysimage] = image)
    # What is traced must be what will run on the image.
    isempty(image) && !haskey(ENV, "WARMGATE_TRACE") || use_runner_in_image()

    groups = (:ServerOptions, :SecurityOptions, :EvaluationOptions, :CompilerOptions)
    known = Set(name for group in groups for name in fieldnames(getfield(Pluto.Configuration, group)))
    options = Pluto.Configuration.from_flat_kwargs(; filter(pair -> first(pair) in known, wanted)...)
    Pluto.run(Pluto.ServerSession(; secret = secret, options = options))
end
