// One client: questions with ids, answers by those ids, everything else is news.
const RECONNECT_AFTER = 500
const RETRY_AFTER = 5000
const PING_EVERY = 28000

const short_id = () => crypto.getRandomValues(new Uint32Array(1))[0].toString(36)
const after = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))

class Connection {
    constructor({ notebook_id, on_news, on_status }) {
        Object.assign(this, { notebook_id, on_news, on_status })
        this.client_id = short_id()
        this.asked = new Map()
    }

    // Resolves when the server answers, which it does not do for every type. `told`: the answer is news too.
    send(type, body = {}, { of_notebook = true, told = false } = {}) {
        const request_id = short_id()
        const message = { type, client_id: this.client_id, request_id, body }
        if (of_notebook) message.notebook_id = this.notebook_id
        const answer = new Promise((resolve) => this.asked.set(request_id, { resolve, told }))
        this.socket.send(pack(message))
        return answer
    }

    receive(message) {
        const mine = message.initiator_id === this.client_id ? this.asked.get(message.request_id) : undefined
        if (mine === undefined) return this.on_news(message)
        this.asked.delete(message.request_id)
        if (mine.told) this.on_news(message)
        mine.resolve(message)
    }

    open() {
        const address = new URL("./", location)
        address.protocol = address.protocol.replace("http", "ws")
        const socket = new WebSocket(address)
        socket.binaryType = "arraybuffer"
        socket.onmessage = (event) => this.receive(unpack(event.data))
        return new Promise((resolve, reject) => {
            socket.onopen = () => {
                this.socket = socket
                socket.onclose = () => this.lost()
                resolve()
            }
            socket.onclose = reject
        })
    }

    async connect() {
        for (;;) {
            try {
                await this.open()
                break
            } catch {
                this.on_status("no connection")
                await after(RETRY_AFTER)
            }
        }
        const hello = await this.send("connect")
        if (!hello.message.notebook_exists) {
            this.on_status("this notebook is not running")
            return false
        }
        this.on_status("connected")
        this.ping()
        return true
    }

    async ping() {
        const socket = this.socket
        while (socket === this.socket && socket.readyState === WebSocket.OPEN) {
            await this.send("ping", {}, { of_notebook: false })
            await after(PING_EVERY)
        }
    }

    async lost() {
        this.on_status("connection lost")
        await after(RECONNECT_AFTER)
        await this.connect()
    }
}
