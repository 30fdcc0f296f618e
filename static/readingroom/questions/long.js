// One of a long list: found by typing. The chosen entry stands under the field.

import { make } from "../elements.js";
import { Finder } from "./finder.js";
import { Field } from "./field.js";

export class Long extends Field {
  #finder
  #chosen = null
  #shown

  constructor(spec, words) {
    super(spec)
    const labels = spec.options.map(({ value }) => value)
    this.#finder = new Finder({ labels, free: false, labelledBy: this.heading.id, hint: words.say("find") })
    this.#shown = make("p", "question__chosen", "–")
    this.#finder.onPick = (label, event) => this.#choose(label, event)
    this.element.append(this.#shown, this.#finder.element)
  }

  get value() {
    return this.#chosen
  }

  takes({ name }) {
    return name === "find"
  }

  take() {
    this.focus()
  }

  focus() {
    this.#finder.input.focus()
  }

  #choose(label, event) {
    const changed = this.#chosen !== null && this.#chosen !== label
    this.#chosen = label
    this.#shown.textContent = label
    this.#finder.input.blur()
    this.onChange(event, { changed })
  }
}
