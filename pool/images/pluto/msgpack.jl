# As much of MsgPack as a Pluto page speaks.

pack(value) = take!(pack!(IOBuffer(), value))

function pack!(io, map::AbstractDict)
    write(io, 0xdf, hton(UInt32(length(map))))
    for (key, value) in map
        pack!(io, key)
        pack!(io, value)
    end
    io
end
function pack!(io, list::AbstractVector)
    write(io, 0xdd, hton(UInt32(length(list))))
    foreach(value -> pack!(io, value), list)
    io
end
function pack!(io, text::AbstractString)
    write(io, 0xdb, hton(UInt32(ncodeunits(text))), text)
    io
end
pack!(io, yes::Bool) = (write(io, yes ? 0xc3 : 0xc2); io)
pack!(io, number::Integer) = (write(io, 0xd3, hton(Int64(number))); io)
pack!(io, number::Real) = (write(io, 0xcb, hton(Float64(number))); io)
pack!(io, ::Nothing) = (write(io, 0xc0); io)

text_of(io, size) = String(read(io, size))
list_of(io, size) = Any[unpack(io) for _ in 1:size]
function map_of(io, size)
    map = Dict{Any,Any}()
    for _ in 1:size
        key = unpack(io)
        map[key] = unpack(io)
    end
    map
end
number_of(io, kind) = ntoh(read(io, kind))
extension_of(io, size) = (read(io, UInt8), read(io, size))

const NUMBERS = Dict(0xca => Float32, 0xcb => Float64, 0xcc => UInt8, 0xcd => UInt16, 0xce => UInt32, 0xcf => UInt64,
    0xd0 => Int8, 0xd1 => Int16, 0xd2 => Int32, 0xd3 => Int64)
const SIZED = Dict(0xc4 => (UInt8, read), 0xc5 => (UInt16, read), 0xc6 => (UInt32, read),
    0xc7 => (UInt8, extension_of), 0xc8 => (UInt16, extension_of), 0xc9 => (UInt32, extension_of),
    0xd9 => (UInt8, text_of), 0xda => (UInt16, text_of), 0xdb => (UInt32, text_of),
    0xdc => (UInt16, list_of), 0xdd => (UInt32, list_of), 0xde => (UInt16, map_of), 0xdf => (UInt32, map_of))

"""Read one value."""
function unpack(io)
    byte = read(io, UInt8)
    byte <= 0x7f && return Int(byte)
    byte <= 0x8f && return map_of(io, byte & 0x0f)
    byte <= 0x9f && return list_of(io, byte & 0x0f)
    byte <= 0xbf && return text_of(io, byte & 0x1f)
    byte >= 0xe0 && return Int(reinterpret(Int8, byte))
    byte == 0xc0 && return nothing
    byte in (0xc2, 0xc3) && return byte == 0xc3
    haskey(NUMBERS, byte) && return number_of(io, NUMBERS[byte])
    0xd4 <= byte <= 0xd8 && return extension_of(io, 1 << (byte - 0xd4))
    size, read_as = SIZED[byte]
    read_as(io, Int(number_of(io, size)))
end
