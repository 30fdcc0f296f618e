// The right side of a trial: what is asked, page by page where it does not fit, and commit. Draws; decides nothing.

import { fieldOf } from "./questions/make.js";

export class Panel {
  #parts
  #words
  #stage
  #fields = []
  #pages = [[]]
  #page = 0
  #current = 0

  // parts: {root, questions, pager, place, before, next, commit, commit-label, hint, told}
  constructor({ parts, words, stage, onAnswer, onCommit }) {
    this.#parts = parts
    this.#words = words
    this.#stage = stage
    this.onAnswer = onAnswer
    parts.commit.addEventListener("click", (event) => this.#press(event, onCommit))
    parts.before.addEventListener("click", () => this.#turn(this.#page - 1))
    parts.next.addEventListener("click", () => this.#turn(this.#page + 1))
    addEventListener("resize", () => this.fit())
  }

  // told: a line above the questions, what the reader answered before
  fill(specs, told) {
    for (const field of this.#fields) field.leave()
    this.#fields = specs.map((spec) => fieldOf(spec, { words: this.#words, stage: this.#stage }))
    this.#fields.forEach((field, index) => {
      field.onChange = (event, how) => this.#changed(index, event, how)
      field.element.addEventListener("focusin", () => this.#mark(index))
    })
    this.#parts.questions.replaceChildren(...this.#fields.map(({ element }) => element))
    this.#parts.root.dataset.several = String(specs.length > 2)
    this.#parts.told.textContent = this.#parts.told.title = told
    this.#parts.told.hidden = !told
    this.#page = 0
    this.hint("")
    this.freeze(false)
    this.#mark(0)
  }

  // Needs the panel on screen: tries it roomy, then close together, then over several pages.
  fit() {
    const { root, questions } = this.#parts
    if (!questions.clientHeight || !this.#fields.length) return
    this.#pages = [this.#fields]
    for (const density of ["roomy", "close"]) {
      root.dataset.density = density
      root.dataset.paged = "false"
      this.#showAll()
      if (questions.scrollHeight <= questions.clientHeight + 1) return this.#turn(0)
    }
    root.dataset.paged = "true" // the pager takes some of the room
    this.#pages = packed(this.#fields, questions)
    this.#turn(this.#pageOf(this.#current))
  }

  get values() {
    return Object.fromEntries(this.#fields.filter(({ value }) => value !== null).map(({ name, value }) => [name, value]))
  }

  // Goes to the first question that must be answered and is not -> whether there is one
  askMissing() {
    const index = this.#fields.findIndex(({ isMissing }) => isMissing)
    if (index < 0) return false
    this.#go(index)
    this.hint(this.#words.say("missing", { text: this.#fields[index].spec.text }))
    this.#fields[index].focus()
    return true
  }

  // -> whether the press was some question's
  key(command, event) {
    if (command.name === "arrow" && command.y !== 0 && !this.#fields[this.#current].takes(command)) {
      this.#go(Math.min(Math.max(this.#current + command.y, 0), this.#fields.length - 1))
      return true
    }
    const index = this.#target(command)
    if (index < 0) return false
    this.#go(index)
    this.#fields[index].take(command, event)
    return true
  }

  // Enter on a page that is not the last goes on; on the last it commits.
  press(event, commit) {
    this.#press(event, commit)
  }

  hint(text) {
    this.#parts.hint.textContent = text
  }

  freeze(frozen) {
    for (const field of this.#fields) field.freeze(frozen)
    this.#parts.commit.disabled = frozen
  }

  #press(event, commit) {
    const last = this.#page >= this.#pages.length - 1
    const missing = this.#pages[this.#page]?.some(({ isMissing }) => isMissing)
    if (last || missing) return commit(event)
    this.#go(this.#fields.indexOf(this.#pages[this.#page + 1][0]))
  }

  // The current question first, then the next open one, then any that knows the key.
  #target(command) {
    if (this.#fields[this.#current]?.takes(command)) return this.#current
    const open = this.#fields.findIndex((field) => field.value === null && field.takes(command))
    return open >= 0 ? open : this.#fields.findIndex((field) => field.takes(command))
  }

  #changed(index, event, { changed }) {
    this.onAnswer(event, { changed })
    this.hint("")
    this.#mark(index)
    if (!this.#fields[index].advances) return
    const open = this.#fields.findIndex(({ value }, at) => at > index && value === null)
    if (open >= 0) this.#go(open)
  }

  #go(index) {
    this.#mark(index)
    const page = this.#pageOf(index)
    if (page !== this.#page) this.#turn(page)
  }

  #mark(index) {
    this.#current = index
    this.#fields.forEach(({ element }, at) => element.toggleAttribute("data-current", at === index))
  }

  #pageOf(index) {
    return Math.max(0, this.#pages.findIndex((page) => page.includes(this.#fields[index])))
  }

  #showAll() {
    for (const { element } of this.#fields) element.hidden = false
  }

  #turn(page) {
    const { before, next, place } = this.#parts
    this.#page = Math.min(Math.max(page, 0), this.#pages.length - 1)
    for (const field of this.#fields) field.element.hidden = !this.#pages[this.#page].includes(field)
    const last = this.#page === this.#pages.length - 1
    before.disabled = this.#page === 0
    next.disabled = last
    place.textContent = this.#words.say("page", { n: this.#page + 1, total: this.#pages.length })
    this.#parts["commit-label"].textContent = this.#words.say(last ? "commit" : "next_questions")
    if (!this.#pages[this.#page].includes(this.#fields[this.#current])) {
      this.#mark(this.#fields.indexOf(this.#pages[this.#page][0]))
    }
  }
}

// As many questions a page as fit, in order.
function packed(fields, room) {
  const { rowGap, paddingBlockStart, paddingBlockEnd } = getComputedStyle(room)
  const gap = parseFloat(rowGap) || 0
  const height = room.clientHeight - parseFloat(paddingBlockStart) - parseFloat(paddingBlockEnd)
  const pages = []
  let left = 0
  for (const field of fields) {
    const needed = Math.ceil(field.element.getBoundingClientRect().height) + gap
    if (!pages.length || needed > left) {
      pages.push([])
      left = height + gap
    }
    pages.at(-1).push(field)
    left -= needed
  }
  return pages
}
