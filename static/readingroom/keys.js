// Which command a key press means. The printed letter counts, so that the key caps on screen are right on every layout.

const CONFIDENCE = "QWERT"
const IMAGES = "ASDF"
const NAMED = {
  Enter: { name: "commit" },
  " ": { name: "ready" },
  Escape: { name: "close" },
  Backspace: { name: "undo" },
  Home: { name: "least" },
  End: { name: "most" },
  "+": { name: "zoom_in" },
  "-": { name: "zoom_out" },
  "?": { name: "help" },
  "/": { name: "find" },
}
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
const LETTERS = { Z: "reset", M: "mask", I: "ask_ai", B: "draw", Y: "yes", N: "no" }

// -> {name, ...} or null
export function commandOf(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || isTextField(event.target)) return null
  if (event.key in ARROWS) {
    const [x, y] = ARROWS[event.key]
    return { name: "arrow", x, y, shift: event.shiftKey }
  }
  if (event.repeat) return null
  const digit = digitOf(event)
  if (digit !== null) return { name: "digit", digit }
  return NAMED[event.key] ?? letterCommand(letterOf(event))
}

function letterCommand(letter) {
  if (!letter) return null
  if (letter in LETTERS) return { name: LETTERS[letter] }
  if (CONFIDENCE.includes(letter)) return { name: "confidence", index: CONFIDENCE.indexOf(letter) }
  return IMAGES.includes(letter) ? { name: "image", index: IMAGES.indexOf(letter) } : null
}

// French keyboards print digits on the shifted row, so the place of the key counts too.
function digitOf({ key, code }) {
  if (/^[0-9]$/.test(key)) return Number(key)
  const placed = /^(?:Digit|Numpad)([0-9])$/.exec(code)?.[1]
  return placed === undefined || /^[a-z+\-/?]$/i.test(key) ? null : Number(placed)
}

// An input method (Chinese, Japanese) reports "Process" in place of the letter.
function letterOf({ key, code }) {
  if (/^[a-z]$/i.test(key)) return key.toUpperCase()
  return key === "Process" ? /^Key([A-Z])$/.exec(code)?.[1] : undefined
}

function isTextField(target) {
  return target instanceof Element && target.closest("textarea, select, [contenteditable], input:not([type=range])") !== null
}
