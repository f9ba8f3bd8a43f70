"An element of a page whose value is the value of a global."
struct Bond
    element::Any
    name::Symbol
    unique_id::String
end

function create_bond(element, name::Symbol)
    showable(MIME("text/html"), element) || error("@bind takes an element that can be shown as HTML.")
    return Bond(element, name, Base64.base64encode(rand(UInt8, 9)))
end

function Base.show(io::IO, mime::MIME"text/html", bond::Bond)
    print(io, "<bond def=\"", bond.name, "\" unique_id=\"", bond.unique_id, "\">")
    show(io, mime, bond.element)
    print(io, "</bond>")
end

first_value(element) = applicable(Base.get, element) ? Base.get(element) : missing

macro bind(name, element)
    name isa Symbol || return :(throw(ArgumentError("@bind takes a name and an element: @bind n html\"<input>\"")))
    return quote
        local element = $(esc(element))
        global $(esc(name)) = first_value(element)
        create_bond(element, $(QuoteNode(name)))
    end
end
