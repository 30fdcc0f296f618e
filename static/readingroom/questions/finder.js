// A text field that finds an entry of a list while somebody types: for long lists, and for lists that take free text.

import { make } from "../elements.js";

const SHOWN = 6
let made = 0

export class Finder {
  #labels
  #free
  #found = []
  #at = -1
  onPick = () => {}

  // free: what is typed counts too, on the list or not
  constructor({ labels, free, labelledBy, hint }) {
    this.#labels = labels
    this.#free = free
    this.element = make("div", "finder")
    this.input = Object.assign(make("input", "finder__input"), { type: "text", autocomplete: "off", placeholder: hint })
    this.list = make("ul", "finder__list")
    this.list.id = `finder-${(made += 1)}`
    this.list.hidden = true
    const spoken = { role: "combobox", "aria-controls": this.list.id, "aria-expanded": "false", "aria-autocomplete": "list" }
    for (const [name, value] of Object.entries(spoken)) this.input.setAttribute(name, value)
    this.input.setAttribute("aria-labelledby", labelledBy)
    this.list.setAttribute("role", "listbox")
    this.input.addEventListener("input", () => this.#look())
    this.input.addEventListener("keydown", (event) => this.#key(event))
    this.input.addEventListener("blur", () => this.#show([]))
    this.element.append(this.input, this.list)
  }

  #look() {
    const typed = this.input.value.trim().toLowerCase()
    const begins = this.#labels.filter((label) => label.toLowerCase().startsWith(typed))
    const holds = this.#labels.filter((label) => label.toLowerCase().includes(typed) && !begins.includes(label))
    this.#show(typed ? [...begins, ...holds].slice(0, SHOWN) : [])
  }

  #show(found) {
    this.#found = found
    this.#at = found.length ? 0 : -1
    this.list.replaceChildren(...found.map((label) => this.#entry(label)))
    this.list.hidden = found.length === 0
    this.input.setAttribute("aria-expanded", String(found.length > 0))
    this.#mark()
  }

  #entry(label) {
    const entry = make("li", "finder__entry", label)
    entry.setAttribute("role", "option")
    // Before the field loses the focus, and so the list its entries.
    entry.addEventListener("pointerdown", (event) => {
      event.preventDefault()
      this.#pick(label, event)
    })
    return entry
  }

  #mark() {
    [...this.list.children].forEach((entry, index) => entry.setAttribute("aria-selected", String(index === this.#at)))
  }

  #key(event) {
    const typed = this.input.value.trim()
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const count = this.#found.length
      if (count) this.#at = (this.#at + (event.key === "ArrowDown" ? 1 : count - 1)) % count
      this.#mark()
    } else if (event.key === "Escape" || (event.key === "Enter" && !typed)) {
      this.input.value = ""
      this.input.blur()
    } else if (event.key === "Enter") {
      const exact = this.#labels.find((label) => label.toLowerCase() === typed.toLowerCase())
      const entry = exact ?? this.#found[this.#at] ?? (this.#free ? typed : null)
      if (entry) this.#pick(entry, event)
    } else return
    event.preventDefault()
    event.stopPropagation() // the room's own keys mean something else
  }

  #pick(label, event) {
    this.input.value = ""
    this.#show([])
    this.onPick(label, event)
  }
}
