// Free text. Enter leaves the field, Shift and Enter begin a new line.

import { make } from "../elements.js";
import { Field } from "./field.js";

const LONGEST = 400

export class Text extends Field {
  #area

  constructor(spec) {
    super(spec)
    this.#area = Object.assign(make("textarea", "question__area"), { rows: 2, maxLength: LONGEST })
    this.#area.setAttribute("aria-labelledby", this.heading.id)
    this.#area.addEventListener("input", (event) => this.onChange(event, { changed: false }))
    this.#area.addEventListener("keydown", (event) => this.#key(event))
    this.element.append(this.#area)
  }

  get value() {
    return this.#area.value.trim() || null
  }

  takes({ name }) {
    return name === "find"
  }

  take() {
    this.focus()
  }

  focus() {
    this.#area.focus()
  }

  #key(event) {
    if (event.key !== "Escape" && (event.key !== "Enter" || event.shiftKey)) return
    event.preventDefault()
    event.stopPropagation() // the same Enter must not commit
    this.#area.blur()
  }
}
