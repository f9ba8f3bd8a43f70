# The half of the analysis that is about what a cell defines.

"Makes `name` a global of the cell, or a local one."
function define(found, name::Symbol, scope)
    (scope.outermost || name in scope.exposed) && !occursin('#', string(name)) && push!(found.definitions, name)
    push!(scope.hidden, name)
    return
end

function assign(found, target, value, scope)
    walk(found, value, scope)
    names = assigned_names(target)
    foreach(name -> define(found, name, scope), names)
    walk(found, target, scope)  # indices, fields and types of the target are read
end

assigned_names(name::Symbol) = [name]
assigned_names(other) = Symbol[]
function assigned_names(target::Expr)
    target.head in (:tuple, :parameters) && return reduce(vcat, assigned_names.(target.args); init = Symbol[])
    target.head in (:(::), :..., :(=), :curly, :kw) && return assigned_names(target.args[1])
    return Symbol[]
end

is_signature(other) = false
is_signature(target::Expr) = target.head === :call ||
    (target.head in (:where, :(::)) && !isempty(target.args) && is_signature(target.args[1]))

arguments_of(other) = Any[other]
arguments_of(expression::Expr) = expression.head in (:tuple, :block) ?
    filter(part -> !(part isa LineNumberNode), expression.args) : Any[expression]

function define_function(found, signature, body, scope; is_macro = false)
    inside = inner(scope)
    while signature isa Expr && signature.head in (:where, :(::))
        for part in signature.args[2:end]
            signature.head === :where && union!(inside.hidden, assigned_names(bounded(part)))
            walk(found, bounded(part) === part ? part : Expr(:block, part.args[2:end]...), inside)
        end
        signature = signature.args[1]
    end
    callee = signature isa Expr && signature.head === :call ? signature.args[1] : signature
    arguments = signature isa Expr && signature.head === :call ? signature.args[2:end] : Any[]
    names = dotted(callee isa Expr && callee.head === :curly ? callee.args[1] : callee)
    name = isempty(names) ? Symbol("#") : Symbol(is_macro ? "@" : "", join(names, "."))
    if length(names) > 1
        push!(found.references, first(names))
    end
    push!(scope.hidden, name)
    push!(inside.hidden, name)
    if scope.outermost && name !== Symbol("#")
        push!(found.functions, name)
        push!(found.methods, (name, join(annotation.(arguments), ",")))
    end
    foreach(argument -> take_argument(found, argument, inside), arguments)
    walk(found, body, inside)
end

"`T` of `T <: S`."
bounded(part) = part isa Expr && part.head in (:<:, :>:) ? part.args[1] : part

annotation(argument) = "Any"
annotation(argument::Expr) = argument.head === :(::) ? string(last(argument.args)) :
    argument.head in (:kw, :...) ? annotation(argument.args[1]) : argument.head === :parameters ? "" : "Any"

function take_argument(found, argument, inside)
    argument isa Expr || return union!(inside.hidden, assigned_names(argument))
    if argument.head === :parameters
        foreach(part -> take_argument(found, part, inside), argument.args)
    elseif argument.head === :(::)
        walk(found, last(argument.args), inside)
        length(argument.args) == 2 && union!(inside.hidden, assigned_names(argument.args[1]))
    elseif argument.head in (:kw, :(=))
        walk(found, argument.args[2], inside)
        take_argument(found, argument.args[1], inside)
    else
        argument.head === :... ? take_argument(found, argument.args[1], inside) :
            union!(inside.hidden, assigned_names(argument))
    end
end

function walk_type(found, expression, scope)
    position = expression.head in (:struct, :module) ? 2 : 1
    head = expression.args[position]
    name = head
    inside = inner(scope)
    while name isa Expr
        foreach(part -> name.head === :<: ? walk(found, part, inside) : union!(inside.hidden, assigned_names(bounded(part))),
            name.args[2:end])
        name = name.args[1]
    end
    name isa Symbol || return
    define(found, name, scope)
    push!(inside.hidden, name)
    expression.head === :struct || return
    for field in expression.args[3].args
        field isa Expr && field.head === :(::) ? walk(found, last(field.args), inside) :
            field isa Expr && walk(found, field, inside)
    end
end

"The names that `using` or `import` brings: of `using A: b` b, of `import A.B` B."
function imported(expression)
    lists = expression.args
    if lists[1] isa Expr && lists[1].head === :(:)
        lists = lists[1].args[2:end]
    end
    return Symbol[last_name(part) for part in lists]
end

last_name(part::Expr) = part.head === :as ? part.args[2] : last(part.args)
last_name(part::Symbol) = part

function walk_macro(found, expression, scope)
    name = Symbol(join(dotted(expression.args[1]), "."))
    push!(found.macros, name)
    arguments = expression.args[3:end]
    if name === Symbol("@bind") && length(arguments) == 2 && arguments[1] isa Symbol
        union!(found.references, OF_BIND)
        walk(found, arguments[2], scope)
        push!(found.definitions, arguments[1])
    elseif name === Symbol("@html_str")
        union!(found.references, OF_HTML)
    elseif name in STATIC_MACROS && name !== Symbol("@bind")
        walk(found, expanded(expression), scope)
    else
        walk_all(found, arguments, scope)
    end
end

expanded(expression) =
    try
        macroexpand(Markdown, expression)
    catch
        nothing
    end
