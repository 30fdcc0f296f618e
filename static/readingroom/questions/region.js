// A rectangle on the image: drawn with a pointer, or moved and sized with the arrow keys.

import { choice } from "../elements.js";
import { Field } from "./field.js";

const FIRST = { left: 0.35, top: 0.35, right: 0.65, bottom: 0.65 }
const STEP = 0.02
const LEAST = 0.02

export class Region extends Field {
  #stage
  #words
  #button
  #region = null
  #drawing = false

  constructor(spec, words, stage) {
    super(spec)
    this.#stage = stage
    this.#words = words
    this.#button = choice({ key: "B", label: words.say("draw"), role: "switch" })
    this.#button.addEventListener("click", () => this.#draw(!this.#drawing))
    this.element.append(this.#button)
  }

  get value() {
    return this.#region
  }

  takes({ name }) {
    return name === "draw" || name === "undo" || (this.#drawing && name === "arrow")
  }

  take(command, event) {
    if (command.name === "draw") return this.#draw(!this.#drawing, event)
    if (command.name === "undo") return this.#set(null, event)
    this.#set(moved(this.#region ?? FIRST, command), event)
  }

  focus() {
    this.#draw(true)
  }

  leave() {
    this.#draw(false)
    this.#stage.outline(null)
  }

  // A key brings a first rectangle with it: somebody without a pointer has something to move.
  #draw(on, event = null) {
    this.#drawing = on
    this.#button.setAttribute("aria-checked", String(on))
    this.#stage.draw(on ? (region, drawn) => this.#set(region, drawn) : null)
    if (on && event && this.#region === null) this.#set(FIRST, event)
  }

  #set(region, event) {
    const changed = this.#region !== null
    this.#region = region
    this.#stage.outline(region)
    this.#button.querySelector(".choice__label").textContent = this.#words.say(region ? "draw_again" : "draw")
    this.onChange(event, { changed })
  }
}

// Arrows move the rectangle; with Shift they move its right and lower side.
function moved({ left, top, right, bottom }, { x, y, shift }) {
  const clamp = (value, least, most) => Math.min(Math.max(value, least), most)
  if (shift) {
    return {
      left, top, right: clamp(right + x * STEP, left + LEAST, 1), bottom: clamp(bottom + y * STEP, top + LEAST, 1),
    }
  }
  const dx = clamp(x * STEP, -left, 1 - right)
  const dy = clamp(y * STEP, -top, 1 - bottom)
  return { left: left + dx, top: top + dy, right: right + dx, bottom: bottom + dy }
}
