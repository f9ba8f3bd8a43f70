"MessagePack as Pluto speaks it: 64-bit numbers, typed arrays and dates as extensions, symbols and ids as text."
module MsgPack

import Dates
import UUIDs: UUID

export pack, unpack

# An array of one of these is a JavaScript typed array; its code is 0x10 plus its place here.
const TYPED = [Int8, UInt8, Int16, UInt16, Int32, UInt32, Float32, Float64]
const Typed = Union{TYPED...}
const DATE = 0x0d
const EPOCH = Dates.DateTime(1970)

function pack(value)
    io = IOBuffer()
    write_value(io, value)
    return take!(io)
end

big(io, code, number) = write(io, code, hton(number))

write_value(io, ::Union{Nothing,Missing,Function}) = write(io, 0xc0)
write_value(io, value::Bool) = write(io, value ? 0xc3 : 0xc2)
write_value(io, value::Float32) = big(io, 0xca, value)
write_value(io, value::AbstractFloat) = big(io, 0xcb, Float64(value))
write_value(io, value::Union{Symbol,UUID,MIME,VersionNumber,Char}) = write_value(io, string(value))

function write_value(io, value::Integer)
    if value >= 0
        value < 0x80 ? write(io, UInt8(value)) :
        value <= typemax(UInt8) ? big(io, 0xcc, UInt8(value)) :
        value <= typemax(UInt16) ? big(io, 0xcd, UInt16(value)) :
        value <= typemax(UInt32) ? big(io, 0xce, UInt32(value)) : big(io, 0xcf, UInt64(value))
    else
        value >= -32 ? write(io, reinterpret(UInt8, Int8(value))) :
        value >= typemin(Int8) ? big(io, 0xd0, Int8(value)) :
        value >= typemin(Int16) ? big(io, 0xd1, Int16(value)) :
        value >= typemin(Int32) ? big(io, 0xd2, Int32(value)) : big(io, 0xd3, Int64(value))
    end
end

function write_value(io, value::AbstractString)
    size = sizeof(value)
    size < 32 ? write(io, 0xa0 | UInt8(size)) :
    size <= typemax(UInt8) ? big(io, 0xd9, UInt8(size)) :
    size <= typemax(UInt16) ? big(io, 0xda, UInt16(size)) : big(io, 0xdb, UInt32(size))
    write(io, value)
end

function write_value(io, value::Union{AbstractVector,Tuple,AbstractSet})
    size = length(value)
    size < 16 ? write(io, 0x90 | UInt8(size)) :
    size <= typemax(UInt16) ? big(io, 0xdc, UInt16(size)) : big(io, 0xdd, UInt32(size))
    foreach(item -> write_value(io, item), value)
end

function write_value(io, value::Union{AbstractDict,NamedTuple})
    size = length(value)
    size < 16 ? write(io, 0x80 | UInt8(size)) :
    size <= typemax(UInt16) ? big(io, 0xde, UInt16(size)) : big(io, 0xdf, UInt32(size))
    for (key, item) in pairs(value)
        write_value(io, key)
        write_value(io, item)
    end
end

write_value(io, value::Vector{Union{}}) = write(io, 0x90)
write_value(io, value::Vector{T}) where {T<:Typed} =
    extension(io, 0x10 + UInt8(findfirst(isequal(T), TYPED)), collect(reinterpret(UInt8, value)))
write_value(io, value::Dates.DateTime) = extension(io, DATE, collect(reinterpret(UInt8, [Dates.value(value - EPOCH)])))

function extension(io, code::UInt8, bytes)
    size = length(bytes)
    short = findfirst(isequal(size), (1, 2, 4, 8, 16))
    short !== nothing ? write(io, 0xd3 + UInt8(short)) :
    size <= typemax(UInt8) ? big(io, 0xc7, UInt8(size)) :
    size <= typemax(UInt16) ? big(io, 0xc8, UInt16(size)) : big(io, 0xc9, UInt32(size))
    write(io, code, bytes)
end

unpack(bytes) = read_value(IOBuffer(bytes))

number(io, ::Type{T}) where {T} = ntoh(read(io, T))
text(io, size) = String(exactly(io, size))
array(io, size) = Any[read_value(io) for _ in 1:size]

function exactly(io, size)
    bytes = read(io, size)
    length(bytes) == size || throw(EOFError())
    return bytes
end

function dictionary(io, size)
    found = Dict{Any,Any}()
    for _ in 1:size
        key = read_value(io)
        found[key] = read_value(io)
    end
    return found
end

function extended(io, size)
    code = read(io, UInt8)
    bytes = exactly(io, size)
    code == DATE && return EPOCH + Dates.Millisecond(only(reinterpret(Int64, bytes)))
    return collect(reinterpret(TYPED[code - 0x10], bytes))
end

# By their codes from 0xc0 on; a missing one raises a KeyError.
const READERS = Dict{UInt8,Function}(
    0xc0 => io -> nothing,
    0xc2 => io -> false,
    0xc3 => io -> true,
    0xc4 => io -> exactly(io, number(io, UInt8)),
    0xc5 => io -> exactly(io, number(io, UInt16)),
    0xc6 => io -> exactly(io, number(io, UInt32)),
    0xc7 => io -> extended(io, number(io, UInt8)),
    0xc8 => io -> extended(io, number(io, UInt16)),
    0xc9 => io -> extended(io, number(io, UInt32)),
    0xca => io -> Float64(number(io, Float32)),
    0xcb => io -> number(io, Float64),
    0xcc => io -> Int64(number(io, UInt8)),
    0xcd => io -> Int64(number(io, UInt16)),
    0xce => io -> Int64(number(io, UInt32)),
    0xcf => io -> Int64(number(io, UInt64)),
    0xd0 => io -> Int64(number(io, Int8)),
    0xd1 => io -> Int64(number(io, Int16)),
    0xd2 => io -> Int64(number(io, Int32)),
    0xd3 => io -> number(io, Int64),
    0xd4 => io -> extended(io, 1),
    0xd5 => io -> extended(io, 2),
    0xd6 => io -> extended(io, 4),
    0xd7 => io -> extended(io, 8),
    0xd8 => io -> extended(io, 16),
    0xd9 => io -> text(io, number(io, UInt8)),
    0xda => io -> text(io, number(io, UInt16)),
    0xdb => io -> text(io, number(io, UInt32)),
    0xdc => io -> array(io, number(io, UInt16)),
    0xdd => io -> array(io, number(io, UInt32)),
    0xde => io -> dictionary(io, number(io, UInt16)),
    0xdf => io -> dictionary(io, number(io, UInt32)),
)

function read_value(io)
    code = read(io, UInt8)
    code < 0x80 && return Int64(code)
    code < 0x90 && return dictionary(io, code & 0x0f)
    code < 0xa0 && return array(io, code & 0x0f)
    code < 0xc0 && return text(io, code & 0x1f)
    code >= 0xe0 && return Int64(reinterpret(Int8, code))
    return READERS[code](io)
end

end

using .MsgPack
