// The grey screen between cases: a note on what was saved, one title, one line, one button.

export class Quiet {
  #root
  #words
  #parts
  #answer = null

  constructor({ root, words }) {
    this.#root = root
    this.#words = words
    const names = ["note", "title", "text", "go", "go-label", "stop"]
    this.#parts = Object.fromEntries(names.map((name) => [name, root.querySelector(`[data-part="quiet-${name}"]`)]))
    this.#parts.go.addEventListener("click", () => this.#give("go"))
    this.#parts.stop.addEventListener("click", () => this.#give("pause"))
  }

  // A state that passes by itself: loading, saving, resending, no_line.
  show(name, { note = "", text = "" } = {}) {
    this.#draw(name, { note, text })
    this.#parts.go.hidden = true
    this.#parts.stop.hidden = true
  }

  // A state that waits for the person -> "go" or "pause"
  ask(name, { note = "", text = "", position = "" } = {}) {
    this.#draw(name, { note, text })
    this.#parts["go-label"].textContent = this.#words.say(`${name}_go`, { position })
    this.#parts.go.hidden = false
    this.#parts.stop.hidden = !name.startsWith("ready")
    return new Promise((resolve) => { this.#answer = resolve })
  }

  hide(hidden) {
    this.#root.hidden = hidden
  }

  key({ name }, event) {
    if (name !== "ready" || this.#parts.go.hidden) return
    event.preventDefault() // else Space would scroll, or press a button twice
    this.#give("go")
  }

  #draw(name, { note, text }) {
    this.hide(false)
    this.#root.dataset.state = name
    this.#parts.title.textContent = this.#words.say(`${name}_title`)
    this.#parts.text.textContent = text || this.#words.say(`${name}_text`)
    if (this.#parts.note.textContent !== note) this.#parts.note.textContent = note
  }

  #give(answer) {
    this.#answer?.(answer)
    this.#answer = null
  }
}
