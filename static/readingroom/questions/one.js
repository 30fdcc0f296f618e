// One of several: diagnosis, choice, management, yes or no, the action on a suggestion.

import { check, choice } from "../elements.js";
import { Field } from "./field.js";

const KEYED = 9 // options beyond the ninth have no key

export class One extends Field {
  advances = true
  #buttons
  #chosen = null

  // options: [{value, label}]; a yes-no question has no digits, its keys are Y and N
  constructor(spec, { options = spec.options, keys = null } = {}) {
    super(spec)
    this.options = options
    this.keys = keys
    const group = this.group("radiogroup")
    this.#buttons = options.map(({ label }, index) => {
      const key = keys ? keys[index] : index < KEYED ? String(index + 1) : ""
      const button = choice({ key, label })
      button.addEventListener("click", (event) => this.#choose(index, event))
      return button
    })
    group.append(...this.#buttons)
    group.dataset.many = String(options.length > 5)
  }

  get value() {
    return this.#chosen === null ? null : this.options[this.#chosen].value
  }

  takes(command) {
    if (this.keys) return command.name === "yes" || command.name === "no"
    return command.name === "digit" && command.digit > 0
  }

  take(command, event) {
    const index = this.keys ? (command.name === "yes" ? 0 : 1) : command.digit - 1
    if (index < this.options.length) this.#choose(index, event)
  }

  #choose(index, event) {
    const changed = this.#chosen !== null && this.#chosen !== index
    this.#chosen = index
    this.#buttons.forEach((button, at) => check(button, at === index))
    this.onChange(event, { changed })
  }
}
