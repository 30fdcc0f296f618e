// Draws a form for plain values from a schema, and writes what is typed back into the values. Knows no design.

import { control } from "./controls.js";

export class Builder {
  #root
  #schema
  #words
  #frozen
  #onChange
  values

  constructor({ root, schema, values, frozen, words, onChange }) {
    Object.assign(this, { values })
    this.#root = root
    this.#schema = schema
    this.#frozen = frozen
    this.#words = words
    this.#onChange = onChange
    this.#draw()
  }

  show(values) {
    this.values = values
    this.#draw()
  }

  #draw() {
    const open = new Set([...this.#root.querySelectorAll("details[open]")].map(({ dataset }) => dataset.section))
    const first = this.#root.childElementCount === 0
    const fields = new Map(this.#schema.fields.map((field) => [field.name, field]))
    this.#root.replaceChildren(...this.#schema.sections.map(({ title, fields: names, open: opened }) => {
      const section = element("details", "builder__section")
      section.dataset.section = title
      section.open = first ? opened : open.has(title)
      section.append(element("summary", "", title), ...names.map((name) => this.#field(fields.get(name), this.values)))
      return section
    }))
    if (this.#frozen) for (const one of this.#root.querySelectorAll("input, select, textarea, button")) one.disabled = true
  }

  // A field of `owner`, which holds its value or leaves it to the default.
  #field(field, owner) {
    if (field.type === "tables") return this.#tables(field, owner)
    if (field.type === "table") return field.optional ? this.#optional(field, owner) : this.#table(field, owner)
    return control(field, held(owner, field), {
      names: field.from ? this.#names(field.from) : null,
      none: this.#words.none,
      onChange: (value) => {
        if (value === undefined) delete owner[field.name]
        else owner[field.name] = value
        this.#onChange(this.values)
        if (this.#decides(field)) this.#draw()
      },
    })
  }

  // A question's kind decides which of its other fields there are.
  #decides({ name, type }) {
    return type === "choice" && name === "kind"
  }

  #table(field, owner) {
    owner[field.name] ??= structuredClone(field.default ?? {})
    const group = element("div", "builder__table")
    group.append(element("p", "builder__caption", field.label), ...this.#fieldsOf(field, owner[field.name]))
    return group
  }

  #optional(field, owner) {
    const group = element("div", "builder__table")
    const line = element("label", "check")
    const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: Boolean(owner[field.name]) })
    box.addEventListener("change", () => {
      if (box.checked) owner[field.name] = blank(field)
      else delete owner[field.name]
      this.#redraw()
    })
    line.append(box, element("span", "", field.label))
    group.append(line, ...(field.help ? [element("p", "field__help", field.help)] : []))
    if (owner[field.name]) group.append(...this.#fieldsOf(field, owner[field.name]))
    return group
  }

  #tables(field, owner) {
    const entries = held(owner, field) ?? []
    const list = element("div", "builder__list")
    list.dataset.field = field.name
    if (field.help) list.append(element("p", "field__help", field.help))
    list.append(...entries.map((entry, index) => this.#entry(field, owner, entries, entry, index)))
    list.append(this.#button(`${this.#words.add}: ${field.singular || field.label}`, () => {
      owner[field.name] = [...entries, blank(field)]
    }))
    return list
  }

  #entry(field, owner, entries, entry, index) {
    const group = element("fieldset", "round")
    const title = `${field.singular || field.label} ${index + 1}`
    group.append(element("legend", "", title))
    const does = element("p", "builder__does")
    const write = (changed) => { owner[field.name] = changed }
    if (index > 0) {
      does.append(this.#button(this.#words.up, () => {
        const moved = [...entries]
        moved.splice(index - 1, 2, entries[index], entries[index - 1])
        write(moved)
      }, title))
    }
    does.append(this.#button(this.#words.remove, () => write(entries.filter((_, at) => at !== index)), title))
    owner[field.name] = entries // a default that is changed is a value of its own
    group.append(does, ...this.#fieldsOf(field, entry))
    return group
  }

  #fieldsOf({ fields }, owner) {
    return fields
      .filter(({ only_for: only }) => !only || only.values.includes(owner[only.field]))
      .map((field) => this.#field(field, owner))
  }

  #button(label, act, of = "") {
    const button = element("button", "button button--quiet", label)
    button.type = "button"
    if (of) button.setAttribute("aria-label", `${label}: ${of}`)
    button.addEventListener("click", () => {
      act()
      this.#redraw()
    })
    return button
  }

  #redraw() {
    this.#draw()
    this.#onChange(this.values)
  }

  // What a reference may name now.
  #names(from) {
    const own = (name) => (held(this.values, this.#schema.fields.find((field) => field.name === name)) ?? [])
    if (from === "sources") return ["ai", ...own("altered").map(({ name }) => name), ...own("further_models")]
    if (from === "profile") return ["years", ...own("profile").map(({ name }) => name)]
    return own(from).map(({ name }) => name)
  }
}

function held(owner, field) {
  return owner[field.name] ?? structuredClone(field.default)
}

// A new entry: its required texts are there, and empty.
function blank({ fields }) {
  const needed = fields.filter(({ default: value, optional }) => value === null && !optional)
  return Object.fromEntries(needed.map((field) => [field.name, empty(field)]))
}

function empty({ type, options }) {
  if (type === "choice") return options[0].value
  return { text: "", flag: false, number: 0, pairs: {} }[type] ?? []
}

function element(tag, className, text = "") {
  return Object.assign(document.createElement(tag), { className, textContent: text })
}
