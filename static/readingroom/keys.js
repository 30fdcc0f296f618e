// Which command a key press means. The printed letter counts, so that the key caps on screen are right on every layout.

const CONFIDENCE = "QWERT"
const NAMED = { Enter: "commit", " ": "ready", Escape: "close", "+": "zoom_in", "-": "zoom_out", "?": "help" }
const LETTERS = { Z: "reset", M: "mask" }

// -> {name, index?} or null
export function commandOf(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return null
  if (isTextField(event.target)) return null
  const digit = digitOf(event)
  if (digit) return { name: "option", index: digit - 1 }
  if (event.key in NAMED) return { name: NAMED[event.key] }
  const letter = letterOf(event)
  if (letter in LETTERS) return { name: LETTERS[letter] }
  const index = letter ? CONFIDENCE.indexOf(letter) : -1
  return index < 0 ? null : { name: "confidence", index }
}

// French keyboards print digits on the shifted row, so the place of the key counts too.
function digitOf({ key, code }) {
  if (/^[1-9]$/.test(key)) return Number(key)
  return Number(/^(?:Digit|Numpad)([1-9])$/.exec(code)?.[1] ?? 0)
}

// An input method (Chinese, Japanese) reports "Process" in place of the letter.
function letterOf({ key, code }) {
  if (/^[a-z]$/i.test(key)) return key.toUpperCase()
  return key === "Process" ? /^Key([A-Z])$/.exec(code)?.[1] : undefined
}

function isTextField(target) {
  return target instanceof Element && target.closest("textarea, select, [contenteditable], input:not([type=range])") !== null
}
