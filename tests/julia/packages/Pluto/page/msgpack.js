// MessagePack, as much of it as a notebook's page needs; typed arrays and dates as Pluto's extensions.
const TYPED = [Int8Array, Uint8Array, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array]
const DATE = 0x0d

function pack(value) {
    const bytes = []
    const number = (code, size, write) => {
        const view = new DataView(new ArrayBuffer(size))
        write(view)
        bytes.push(code, ...new Uint8Array(view.buffer))
    }
    const extension = (code, content) => {
        number(0xc9, 4, (view) => view.setUint32(0, content.length))
        bytes.push(code)
        for (const byte of content) bytes.push(byte)
    }
    const write = (item) => {
        if (item === null || item === undefined) bytes.push(0xc0)
        else if (typeof item === "boolean") bytes.push(item ? 0xc3 : 0xc2)
        else if (typeof item === "number") {
            if (!Number.isSafeInteger(item)) number(0xcb, 8, (view) => view.setFloat64(0, item))
            else if (item >= 0 && item < 128) bytes.push(item)
            else number(0xd3, 8, (view) => view.setBigInt64(0, BigInt(item)))
        } else if (typeof item === "string") {
            const text = new TextEncoder().encode(item)
            number(0xdb, 4, (view) => view.setUint32(0, text.length))
            for (const byte of text) bytes.push(byte)
        } else if (Array.isArray(item)) {
            number(0xdd, 4, (view) => view.setUint32(0, item.length))
            item.forEach(write)
        } else if (item instanceof Date) {
            const view = new DataView(new ArrayBuffer(8))
            view.setBigInt64(0, BigInt(item.getTime()), true)
            extension(DATE, new Uint8Array(view.buffer))
        } else if (TYPED.includes(item.constructor)) {
            extension(0x11 + TYPED.indexOf(item.constructor), new Uint8Array(item.buffer, item.byteOffset, item.byteLength))
        } else {
            const entries = Object.entries(item)
            number(0xdf, 4, (view) => view.setUint32(0, entries.length))
            for (const [key, content] of entries) {
                write(key)
                write(content)
            }
        }
    }
    write(value)
    return new Uint8Array(bytes)
}

function unpack(buffer) {
    const view = new DataView(buffer)
    let at = 0
    const take = (size, method) => {
        const value = view[method](at)
        at += size
        return value
    }
    const u8 = () => take(1, "getUint8")
    const u16 = () => take(2, "getUint16")
    const u32 = () => take(4, "getUint32")
    const bytes = (size) => buffer.slice(at, (at += size))
    const text = (size) => new TextDecoder().decode(bytes(size))
    const array = (size) => Array.from({ length: size }, read)
    const map = (size) => {
        const found = {}
        for (let i = 0; i < size; i++) {
            const key = read()
            found[key] = read()
        }
        return found
    }
    const extension = (size) => {
        const code = u8()
        const content = bytes(size)
        if (code === DATE) return new Date(Number(new DataView(content).getBigInt64(0, true)))
        return new TYPED[code - 0x11](content)
    }
    const readers = {
        0xc0: () => null, 0xc2: () => false, 0xc3: () => true,
        0xc4: () => new Uint8Array(bytes(u8())), 0xc5: () => new Uint8Array(bytes(u16())), 0xc6: () => new Uint8Array(bytes(u32())),
        0xc7: () => extension(u8()), 0xc8: () => extension(u16()), 0xc9: () => extension(u32()),
        0xca: () => take(4, "getFloat32"), 0xcb: () => take(8, "getFloat64"),
        0xcc: u8, 0xcd: u16, 0xce: u32, 0xcf: () => Number(take(8, "getBigUint64")),
        0xd0: () => take(1, "getInt8"), 0xd1: () => take(2, "getInt16"), 0xd2: () => take(4, "getInt32"),
        0xd3: () => Number(take(8, "getBigInt64")),
        0xd4: () => extension(1), 0xd5: () => extension(2), 0xd6: () => extension(4), 0xd7: () => extension(8), 0xd8: () => extension(16),
        0xd9: () => text(u8()), 0xda: () => text(u16()), 0xdb: () => text(u32()),
        0xdc: () => array(u16()), 0xdd: () => array(u32()), 0xde: () => map(u16()), 0xdf: () => map(u32()),
    }
    function read() {
        const code = u8()
        if (code < 0x80) return code
        if (code < 0x90) return map(code & 0x0f)
        if (code < 0xa0) return array(code & 0x0f)
        if (code < 0xc0) return text(code & 0x1f)
        if (code >= 0xe0) return code - 0x100
        return readers[code]()
    }
    return read()
}
