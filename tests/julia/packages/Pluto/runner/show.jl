# How a value is shown: the first of these that it has, else as text.

const IMAGES = [MIME("image/svg+xml"), MIME("image/png"), MIME("image/jpg"), MIME("image/jpeg"), MIME("image/bmp"),
    MIME("image/gif")]
const LISTED = Union{AbstractVector,AbstractSet,AbstractDict,Tuple,NamedTuple,Pair}
const TREE = "application/vnd.pluto.tree+object"
const TRACE = "application/vnd.pluto.stacktrace+object"
const SHOWN_AT_ONCE = 30
const SHOWN_MORE = 40
const DEEPEST = 3

function formatted(value, context)
    try
        showable(MIME("text/html"), value) && return text(MIME("text/html"), value, context), "text/html"
        for mime in IMAGES
            showable(mime, value) && return bytes(mime, value, context), string(mime)
        end
        value isa LISTED && !(value isa AbstractRange) && return tree(value, context), TREE
        if showable(MIME("text/latex"), value)
            formula = Markdown.LaTeX(strip(text(MIME("text/latex"), value, context), ['$', '\n', ' ']))
            return sprint(Markdown.html, formula), "text/html"
        end
        return text(MIME("text/plain"), value, context), "text/plain"
    catch error
        error isa InterruptException && rethrow()
        return formatted(CapturedException(error, stacktrace(catch_backtrace())), context)
    end
end

formatted(::Nothing, context) = ("", "text/plain")

function bytes(mime, value, context)
    io = IOBuffer()
    show(IOContext(io, context), mime, value)
    return take!(io)
end

text(mime, value, context) = String(bytes(mime, value, context))

function formatted(failure::CapturedException, context)
    frames = [frame for (frame, _) in failure.processed_bt]
    # What lies below the cell is this program.
    last_own = findlast(frame -> occursin("#==#", string(frame.file)), frames)
    frames = last_own === nothing ? Base.StackTraces.StackFrame[] : frames[1:last_own]
    return Dict{String,Any}("msg" => message(failure.ex), "stacktrace" => map(described, frames)), TRACE
end

function message(error)
    try
        return sprint(showerror, error)
    catch
        return string("An error that cannot be shown: ", typeof(error))
    end
end

described(frame) = Dict{String,Any}(
    "call" => frame.linfo isa Core.MethodInstance ? string(frame.func) : "top-level scope",
    "inlined" => frame.inlined,
    "file" => basename(string(frame.file)),
    "path" => string(frame.file),
    "line" => frame.line,
)

object_id(value) = string(objectid(value); base = 16)
one_deeper(context) = IOContext(context, :depth => get(context, :depth, 0) + 1, :compact => true)

"How many elements of it are shown."
function limit(value, context)
    depth = get(context, :depth, 0)
    more = get(get(context, :more, Dict{String,Int}()), object_id(value), 0)
    return (depth < DEEPEST ? SHOWN_AT_ONCE ÷ (1 + 2depth) : 0) + SHOWN_MORE * more
end

function branch(value, type, elements)
    name = value isa Vector ? string(eltype(value)) : string(typeof(value))
    return Dict{String,Any}("type" => type, "objectid" => object_id(value), "elements" => elements, "prefix" => name,
        "prefix_short" => value isa Vector ? "" : string(nameof(typeof(value))))
end

"The first elements, then \"more\" when there are others."
function some(describe, items, count)
    shown = Any[describe(item) for item in Iterators.take(items, count)]
    length(items) > count && push!(shown, "more")
    return shown
end

function tree(value::AbstractVector, context)
    inside, count = one_deeper(context), limit(value, context)
    describe(place) = (place, isassigned(value, place) ? formatted(value[place], inside) : ("#undef", "text/plain"))
    places = collect(eachindex(value))
    length(places) <= count * 6 ÷ 5 && return branch(value, "Array", Any[describe(place) for place in places])
    at_the_end = count > 20 ? 10 : count > 1 ? 1 : 0
    shown = Any[describe(place) for place in places[1:count-at_the_end]]
    push!(shown, "more")
    append!(shown, [describe(place) for place in places[end-at_the_end+1:end]])
    return branch(value, "Array", shown)
end

tree(value::AbstractSet, context) =
    branch(value, "Set", some(pair -> (pair[1], formatted(pair[2], one_deeper(context))), enumerate(value), limit(value, context)))
tree(value::AbstractDict, context) = branch(value, "Dict",
    some(pair -> formatted.((pair[1], pair[2]), Ref(one_deeper(context))), value, limit(value, context)))

plain_branch(value, type, key, content) = Dict{String,Any}("type" => type, "objectid" => object_id(value), key => content)

tree(value::Tuple, context) = plain_branch(value, "Tuple", "elements",
    Any[(place, formatted(item, one_deeper(context))) for (place, item) in enumerate(value)])
tree(value::NamedTuple, context) = plain_branch(value, "NamedTuple", "elements",
    Any[(string(name), formatted(item, one_deeper(context))) for (name, item) in pairs(value)])
tree(value::Pair, context) = plain_branch(value, "Pair", "key_value", formatted.((value.first, value.second), Ref(context)))
