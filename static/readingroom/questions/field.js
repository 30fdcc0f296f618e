// What every question on the screen has in common. Subclasses draw their own controls and know their own keys.

import { make } from "../elements.js";

let made = 0

export class Field {
  advances = false // one press answers it: the next question is then the current one
  onChange = () => {}

  constructor(spec) {
    this.spec = spec
    this.element = make("div", `question question--${spec.kind}`)
    this.heading = make("h2", "question__text", spec.text)
    this.heading.id = `question-${(made += 1)}`
    this.element.append(this.heading)
  }

  get name() {
    return this.spec.name
  }

  // What is sent; null: not answered.
  get value() {
    return null
  }

  get isMissing() {
    return this.spec.required && this.value === null
  }

  // Whether a command is one of this question's keys.
  takes() {
    return false
  }

  // Does what `takes` promised.
  take() {}

  // Where somebody must go who has to type or draw.
  focus() {}

  freeze(frozen) {
    for (const control of this.element.querySelectorAll("button, input, textarea")) control.disabled = frozen
  }

  // Takes back what lies outside the question's own element.
  leave() {}

  group(role) {
    const group = make("div", "question__options")
    group.setAttribute("role", role)
    group.setAttribute("aria-labelledby", this.heading.id)
    this.element.append(group)
    return group
  }
}
