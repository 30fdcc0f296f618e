// A differential, best first: picked in order from buttons, or typed where the list is long or free.

import { choice, make } from "../elements.js";
import { Finder } from "./finder.js";
import { Field } from "./field.js";

const MOST_BUTTONS = 12

export class Ranked extends Field {
  #words
  #picked = []
  #buttons = new Map()
  #list
  #finder = null

  constructor(spec, words) {
    super(spec)
    this.#words = words
    this.#list = make("ol", "question__ranks")
    this.#list.setAttribute("aria-label", words.say("your_list"))
    this.element.append(this.#list)
    const labels = spec.options.map(({ value }) => value)
    if (labels.length <= MOST_BUTTONS) this.#addButtons(labels)
    if (spec.free || labels.length > MOST_BUTTONS) this.#addFinder(labels)
    this.#draw()
  }

  get value() {
    return this.#picked.length ? [...this.#picked] : null
  }

  takes({ name }) {
    return (name === "digit" && this.#buttons.size > 0) || name === "undo" || (name === "find" && this.#finder !== null)
  }

  take({ name, digit }, event) {
    if (name === "find") return this.focus()
    if (name === "undo") return this.#toggle(this.#picked.at(-1), event)
    const label = [...this.#buttons.keys()][digit - 1]
    if (label) this.#toggle(label, event)
  }

  focus() {
    this.#finder?.input.focus()
  }

  #addButtons(labels) {
    const group = this.group("group")
    group.dataset.many = String(labels.length > 5)
    labels.forEach((label, index) => {
      const button = choice({ key: index < 9 ? String(index + 1) : "", label, role: "checkbox" })
      button.append(make("span", "choice__rank"))
      button.addEventListener("click", (event) => this.#toggle(label, event))
      this.#buttons.set(label, button)
    })
    group.append(...this.#buttons.values())
  }

  #addFinder(labels) {
    const hint = this.#words.say(this.spec.free ? "find_free" : "find")
    this.#finder = new Finder({ labels, free: this.spec.free, labelledBy: this.heading.id, hint })
    this.#finder.onPick = (label, event) => {
      if (!this.#picked.includes(label)) this.#toggle(label, event)
      if (this.#picked.length >= this.spec.most) this.#finder.input.blur()
    }
    this.element.append(this.#finder.element)
  }

  #toggle(label, event) {
    if (!label) return
    const had = this.#picked.includes(label)
    if (!had && this.#picked.length >= this.spec.most) return
    this.#picked = had ? this.#picked.filter((one) => one !== label) : [...this.#picked, label]
    this.#draw()
    this.onChange(event, { changed: had })
  }

  // As many places as the list may have: nothing moves while it fills.
  #draw() {
    const places = Array.from({ length: this.spec.most }, (_, index) => this.#place(this.#picked[index]))
    this.#list.replaceChildren(...places)
    for (const [label, button] of this.#buttons) {
      const rank = this.#picked.indexOf(label) + 1
      button.setAttribute("aria-checked", String(rank > 0))
      button.querySelector(".choice__rank").textContent = rank ? String(rank) : ""
    }
  }

  #place(label) {
    const place = make("li", "question__rank")
    if (!label) return place
    place.append(make("span", "question__ranked", label))
    const remove = make("button", "question__remove", "×")
    remove.type = "button"
    remove.setAttribute("aria-label", this.#words.say("remove", { label }))
    remove.addEventListener("click", (event) => this.#toggle(label, event))
    place.append(remove)
    return place
  }
}
