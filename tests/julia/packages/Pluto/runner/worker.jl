"What a notebook's own process has: where cells are evaluated, and how what they give is shown."
module PlutoRunner


import Base64, InteractiveUtils, Markdown

export @bind

const RESULTS = Dict{Any,Any}()
const MORE = Dict{Any,Dict{String,Int}}()
const SPACES = Ref(0)

include("bond.jl")
include("show.jl")

"A new module in which the globals of the old one stand, but for `deleted`; a global has gone when nothing names it."
function renew(old::Union{Nothing,Symbol}, deleted, usings, values)
    name = Symbol("workspace#", SPACES[] += 1)
    space = Core.eval(Main, :(module $name
        using Main.PlutoRunner, Main.PlutoRunner.Markdown, Main.PlutoRunner.InteractiveUtils
    end))
    for expression in usings
        try
            Core.eval(space, expression)
        catch
            # Its own cell has said so.
        end
    end
    old === nothing || move(getfield(Main, old), space, deleted)
    for (global_name, value) in values
        Core.eval(space, Expr(:(=), global_name, QuoteNode(value)))
    end
    return name
end

function move(old::Module, space::Module, deleted)
    for name in names(old; all = true, imported = true)
        (name in (:eval, :include, nameof(old)) || occursin('#', string(name)) || !isdefined(old, name)) && continue
        try
            if name in deleted
                # The modules before keep it alive otherwise.
                isconst(old, name) || Core.eval(parentmodule_of(old, name), :($name = nothing))
            else
                Core.eval(space, Expr(:import, Expr(:., :., :., nameof(old), name)))
            end
        catch error
            error isa InterruptException && rethrow()
        end
    end
end

"The module whose global this is."
parentmodule_of(space, name) = Base.binding_module(space, name)

"Whether a bond's first value is what the variable is already."
function already(space::Symbol, name::Symbol, value)
    module_ = getfield(Main, space)
    isdefined(module_, name) || return false
    current = getfield(module_, name)
    return try
        !ismissing(current) && (current == value) === true
    catch
        false
    end
end

"Evaluates a cell: what it shows, whether it failed or was interrupted, and for how many nanoseconds it ran."
function run_cell(space::Symbol, expression, id, silent::Bool)
    MORE[id] = Dict{String,Int}()
    started = time_ns()
    RESULTS[id] = result = try
        Core.eval(getfield(Main, space), expression)
    catch error
        CapturedException(error, stacktrace(catch_backtrace()))
    end
    runtime = time_ns() - started
    failed = result isa CapturedException
    return merge(shown(id, silent), (
        errored = failed,
        interrupted = failed && root(result.ex) isa InterruptException,
        runtime = failed ? nothing : runtime,
    ))
end

root(error) = error
root(error::LoadError) = root(error.error)

function shown(id, silent::Bool)
    result = RESULTS[id]
    silent && !(result isa CapturedException) && return (body = "", mime = "text/plain")
    context = IOContext(devnull, :color => false, :limit => true, :displaysize => (18, 88), :is_pluto => true,
        :more => MORE[id])
    body, mime = Base.invokelatest(formatted, result, context)
    return (body = body, mime = mime)
end

"Shows a list's next elements too."
function show_more(id, object::String, silent::Bool)
    MORE[id][object] = get(MORE[id], object, 0) + 1
    return shown(id, silent)
end

end
