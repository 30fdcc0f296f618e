// The steps as they happen. When the answer is there the page is loaded anew: the server writes it.

const EVERY_MS = 1000
const SLOWER_MS = 5000 // after a failed request: the line or the server is in trouble

const waiting = document.querySelector("[data-part=waiting]")
if (waiting && !("over" in waiting.dataset)) {
  document.querySelector("[data-part=refresh]").hidden = true
  ask()
}

async function ask() {
  let wait = EVERY_MS
  try {
    const response = await fetch(waiting.dataset.status, { credentials: "same-origin", cache: "no-store" })
    if (response.status === 404 || response.redirected) return location.reload() // deleted, or signed out
    const status = await response.json()
    if (status.answered || status.failed) return location.reload()
    show(status)
  } catch {
    wait = SLOWER_MS // the row on the server is safe; ask again
  }
  setTimeout(ask, wait)
}

function show({ steps, message }) {
  const list = document.querySelector("[data-part=steps]")
  list.replaceChildren(...steps.map(line))
  const place = document.querySelector("[data-part=message]")
  if (place.textContent !== message) place.textContent = message
  place.hidden = message === ""
}

function line({ label, state, note }) {
  const item = document.createElement("li")
  item.dataset.state = state
  const time = Object.assign(document.createElement("span"), { textContent: note })
  item.append(label, time)
  return item
}
