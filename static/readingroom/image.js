// Fetches one image, proves that it is the right one, and decodes it: all before the clock may start.

const TRIES = 3
const PAUSE_MS = 600

export class Unloadable extends Error {}

// file: {url, sha256} -> {element, loadMs, decodeMs}. Throws Unloadable after three tries.
export async function loadImage(file) {
  let reason
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    try {
      return await once(file)
    } catch (error) {
      reason = error
      if (attempt < TRIES) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * attempt))
    }
  }
  throw new Unloadable(reason.message)
}

async function once({ url, sha256 }) {
  const asked = performance.now()
  const response = await fetch(url, { credentials: "same-origin", cache: "no-store" })
  if (!response.ok) throw new Error(`image: ${response.status}`)
  const bytes = await response.arrayBuffer()
  await requireHash(bytes, sha256)
  const loaded = performance.now()
  const type = response.headers.get("Content-Type") ?? "image/jpeg"
  const element = await decoded(new Blob([bytes], { type }))
  return { element, loadMs: Math.round(loaded - asked), decodeMs: Math.round(performance.now() - loaded) }
}

// crypto.subtle exists in secure contexts only (https, localhost); elsewhere the length and the decoder must do.
async function requireHash(bytes, sha256) {
  if (!sha256 || !globalThis.crypto?.subtle) return
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("")
  if (hex !== sha256) throw new Error("image: wrong sha256")
}

async function decoded(blob) {
  const url = URL.createObjectURL(blob)
  const element = new Image()
  element.src = url
  try {
    await element.decode()
  } finally {
    URL.revokeObjectURL(url) // the element keeps what it decoded
  }
  return element
}
