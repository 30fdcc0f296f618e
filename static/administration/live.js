// Keeps a part of a page fresh: <div data-live="URL">. The server draws it; it goes on while the part says so (data-live-on).

const EVERY_MS = 3000

function watch(part) {
  setTimeout(async () => {
    if (document.visibilityState === "visible") await refresh(part)
    if (isOn(part)) watch(part)
  }, EVERY_MS)
}

async function refresh(part) {
  let response
  try {
    response = await fetch(part.dataset.live, { credentials: "same-origin", redirect: "error" })
  } catch {
    return // no line for a moment: the next turn asks again
  }
  if (!response.ok) return
  const html = await response.text()
  if (html === part.dataset.seen) return
  part.dataset.seen = html
  if (!part.contains(document.activeElement)) part.innerHTML = html // never under a finger or a key
}

function isOn(part) {
  return part.querySelector("[data-live-on]") !== null
}

for (const part of document.querySelectorAll("[data-live]")) {
  if (isOn(part)) watch(part)
}
