// Any of several: a checklist of features.

import { check, choice } from "../elements.js";
import { Field } from "./field.js";

export class Many extends Field {
  #buttons
  #chosen = new Set()

  constructor(spec) {
    super(spec)
    const group = this.group("group")
    this.#buttons = spec.options.map(({ label }, index) => {
      const button = choice({ key: index < 9 ? String(index + 1) : "", label, role: "checkbox" })
      button.addEventListener("click", (event) => this.#toggle(index, event))
      return button
    })
    group.append(...this.#buttons)
    group.dataset.many = String(spec.options.length > 5)
  }

  get value() {
    const chosen = this.spec.options.filter((_, index) => this.#chosen.has(index)).map(({ value }) => value)
    return chosen.length ? chosen : null
  }

  takes(command) {
    return command.name === "digit" && command.digit > 0
  }

  take(command, event) {
    if (command.digit <= this.#buttons.length) this.#toggle(command.digit - 1, event)
  }

  #toggle(index, event) {
    if (!this.#chosen.delete(index)) this.#chosen.add(index)
    check(this.#buttons[index], this.#chosen.has(index))
    this.onChange(event, { changed: false })
  }
}
