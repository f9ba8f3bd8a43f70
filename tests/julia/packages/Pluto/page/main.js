async function keep_token() {
    const token = await fetch("possible_binder_token_please").then((answer) => (answer.ok ? answer.text() : ""))
    const here = new URL(location)
    if (token === "" || here.searchParams.get("token") === token) return
    here.searchParams.set("token", token)
    history.replaceState({}, "", here)
}

async function start() {
    const notebook_id = new URLSearchParams(location.search).get("id")
    const status = document.getElementById("status")
    const connection = new Connection({
        notebook_id,
        on_news: (message) => notebook.take_news(message),
        on_status: (text) => (status.textContent = text),
    })
    const notebook = new Notebook(connection, render)
    window.pluto_stand_in = notebook
    listen_for_shortcuts(notebook)
    keep_token().catch(console.warn)
    if (!(await connection.connect())) return
    await connection.send("update_notebook", { updates: [] }, { told: true })
    document.body.classList.add("loaded")
    connection.send("complete", { query: "sq" })
}

start()
