# Which globals a cell defines and which it reads, from its code alone.

"What is known of a cell's code. `expression` is what the worker evaluates."
struct Analysis
    code::String
    expression::Expr
    definitions::Set{Symbol}
    references::Set{Symbol}
    functions::Set{Symbol}
    methods::Set{Tuple{Symbol,String}}
    macros::Set{Symbol}
    usings::Vector{Expr}
end

# Macros that Pluto expands without a process. A cell that has no others never counts as resolved.
const STATIC_MACROS = Set(Symbol.(["@md_str", "@bind", "@enum", "@assert", "@gensym", "@cmd"]))
# What a page is shown of the expansion of `@bind` and of `html""`.
const OF_BIND = Symbol.(["Main", "Main.PlutoRunner.Core.applicable", "Main.PlutoRunner.Base.get",
    "Main.PlutoRunner.PlutoRunner.create_bond"])
const OF_HTML = Symbol.(["Base", "Base.Docs.HTML"])

struct Scope
    hidden::Set{Symbol}
    exposed::Set{Symbol}
    outermost::Bool
end

inner(scope::Scope) = Scope(copy(scope.hidden), copy(scope.exposed), false)

Found(code, expression) = Analysis(code, expression, Set{Symbol}(), Set{Symbol}(), Set{Symbol}(),
    Set{Tuple{Symbol,String}}(), Set{Symbol}(), Expr[])

function analyse(code::AbstractString, filename::AbstractString)
    found = Found(code, parsed(code, filename))
    walk(found, found.expression, Scope(Set{Symbol}(), Set{Symbol}(), true))
    found.macros ⊆ STATIC_MACROS || union!(found.references, found.macros)
    filter!(name -> !occursin('#', string(name)) && !all(isequal('_'), string(name)), found.references)
    return found
end

"A cell's code as one statement for the top level; what cannot be parsed is an expression that raises when evaluated."
function parsed(code, filename)
    raw = Base.parse_input_line(code; filename = filename)
    statements = raw isa Expr && raw.head === :toplevel ? filter(part -> !(part isa LineNumberNode), raw.args) : [raw]
    only_one = isempty(statements) ? nothing :
        length(statements) == 1 ? first(statements) :
        Expr(:error, "a cell holds one expression; put several between begin and end, or into cells of their own")
    if only_one isa Expr
        only_one = only_one.head === :toplevel ? Expr(:block, only_one.args...) :
            only_one.head === :module ? Expr(:toplevel, only_one) : only_one
    end
    return Expr(:toplevel, LineNumberNode(1, Symbol(filename)), only_one)
end

function walk(found, name::Symbol, scope)
    name in scope.hidden || name in (:end, :begin) || push!(found.references, name)
    return
end

walk(found, other, scope) = nothing
walk_all(found, parts, scope) = foreach(part -> walk(found, part, scope), parts)

function walk(found, expression::Expr, scope)
    head, parts = expression.head, expression.args
    if head === :(=)
        is_signature(parts[1]) ? define_function(found, parts[1], parts[2], scope) : assign(found, parts..., scope)
    elseif head in (:function, :macro)
        define_function(found, parts[1], get(parts, 2, nothing), scope; is_macro = head === :macro)
    elseif head === :->
        define_function(found, Expr(:call, Symbol("#"), arguments_of(parts[1])...), parts[2], scope)
    elseif head === :call || (head === :. && length(parts) == 2 && parts[2] isa Expr && parts[2].head === :tuple)
        walk_call(found, parts[1], head === :call ? parts[2:end] : parts[2].args, scope)
    elseif head === :.
        walk(found, parts[1], scope)
    elseif head === :macrocall
        walk_macro(found, expression, scope)
    elseif head in (:let, :for, :while)
        walk_all(found, parts, inner(scope))
    elseif head === :generator
        walk_all(found, reverse(parts), inner(scope))
    elseif head in (:using, :import)
        head === :using && push!(found.usings, expression)
        foreach(name -> define(found, name, scope), imported(expression))
    elseif head in (:struct, :abstract, :primitive, :module)
        walk_type(found, expression, scope)
    elseif head === :global
        foreach(part -> walk_global(found, part, scope), parts)
    elseif head === :local
        foreach(part -> push!(scope.hidden, assigned_names(part isa Expr && part.head === :(=) ? part.args[1] : part)...), parts)
        walk_all(found, filter(part -> part isa Expr, parts), scope)
    elseif head === :try
        walk(found, parts[1], inner(scope))
        caught = inner(scope)
        parts[2] isa Symbol && push!(caught.hidden, parts[2])
        walk(found, parts[3], caught)
        walk_all(found, parts[4:end], inner(scope))
    elseif head in (:tuple, :parameters, :kw, :braces)
        walk_all(found, head === :kw ? parts[2:2] : map(value_of_field, parts), scope)
    elseif head === :quote
        walk_interpolated(found, parts[1], scope)
    elseif head === Symbol("'")
        walk_call(found, :adjoint, parts, scope)
    elseif endswith(string(head), "=") && length(parts) == 2 && !(head in (:(==), :(!=), :(<=), :(>=), :(.=)))
        operator = Symbol(strip(string(head)[1:prevind(string(head), end)], '.'))
        assign(found, parts[1], Expr(:call, operator, parts...), scope)
    elseif !(head in (:line, :meta, :error, :incomplete, :inert))
        walk_all(found, parts, scope)
    end
    return
end

value_of_field(part) = part isa Expr && part.head in (:(=), :kw) ? part.args[2] : part

function walk_global(found, part, scope)
    if part isa Symbol
        push!(scope.exposed, part)
    else
        walk(found, part, Scope(scope.hidden, union!(scope.exposed, assigned_names(part.args[1])), scope.outermost))
    end
end

function walk_interpolated(found, part, scope)
    part isa Expr || return
    part.head === :$ ? walk_all(found, part.args, scope) : foreach(inside -> walk_interpolated(found, inside, scope), part.args)
end

"`a.b.c` reads `a` and is listed whole."
function walk_call(found, callee, arguments, scope)
    names = dotted(callee)
    if isempty(names)
        walk(found, callee, scope)
    elseif !(first(names) in scope.hidden)
        push!(found.references, first(names), Symbol(join(names, ".")))
    end
    walk_all(found, arguments, scope)
end

dotted(name::Symbol) = [name]
dotted(name::GlobalRef) = [name.name]
dotted(other) = Symbol[]
function dotted(expression::Expr)
    expression.head === :. && length(expression.args) == 2 && expression.args[2] isa QuoteNode || return Symbol[]
    before, last_one = dotted(expression.args[1]), expression.args[2].value
    return isempty(before) || !(last_one isa Symbol) ? Symbol[] : [before; last_one]
end
