// The AI mask over the image: off at first, switched by its button or by M.

import { outline } from "../imagery/mask.js";

const button = document.querySelector("[data-part=mask-button]")
const frame = document.querySelector("[data-part=frame]")

const mask = Object.assign(new Image(), { src: button.dataset.mask })
await mask.decode()
const drawn = outline(mask, getComputedStyle(frame).color)
drawn.className = "look__mask"
drawn.hidden = true
frame.append(drawn)
button.hidden = false

button.addEventListener("click", toggle)
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.matches("input, textarea, select")
  if (event.key.toLowerCase() === "m" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) toggle()
})

function toggle() {
  drawn.hidden = !drawn.hidden
  button.setAttribute("aria-pressed", String(!drawn.hidden))
}
