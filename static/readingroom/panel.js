// The right side of a trial: question, AI output, options, confidence, commit. Draws; decides nothing.

const CONFIDENCE = [
  { key: "Q", value: 0 },
  { key: "W", value: 0.25 },
  { key: "E", value: 0.5 },
  { key: "R", value: 0.75 },
  { key: "T", value: 1 },
]
const KEYED = 9 // options beyond the ninth have no key

export class Panel {
  #parts
  #words
  #choices = []
  #levels = []

  // parts: {root, question, options, confidence, levels, commit, hint, ai, ranked, text, mask}
  constructor({ parts, words, onOption, onConfidence, onCommit, onMask }) {
    this.#parts = parts
    this.#words = words
    this.onOption = onOption
    parts.commit.addEventListener("click", onCommit)
    parts.mask.addEventListener("click", onMask)
    this.#levels = CONFIDENCE.map(({ key, value }, index) => {
      const percent = `${value * 100}`
      const button = choice({ key, label: percent, spoken: words.say("sure", { n: percent }) })
      button.addEventListener("click", (event) => onConfidence(index, event))
      return button
    })
    parts.levels.replaceChildren(...this.#levels)
  }

  fill({ question, options, confidence, aid }) {
    this.#parts.question.textContent = question
    this.#choices = options.map(({ label }, index) => {
      const button = choice({ key: index < KEYED ? String(index + 1) : "", label })
      button.addEventListener("click", (event) => this.onOption(index, event))
      return button
    })
    this.#parts.options.replaceChildren(...this.#choices)
    this.#parts.root.dataset.many = String(options.length > 5)
    this.#parts.confidence.hidden = !confidence
    this.#parts.root.dataset.aided = String(aid !== null)
    this.#fillAid(aid)
    this.mark({ option: null, level: null })
    this.hint("")
    this.freeze(false)
  }

  mark({ option, level }) {
    this.#choices.forEach((button, index) => button.setAttribute("aria-checked", String(index === option)))
    this.#levels.forEach((button, index) => button.setAttribute("aria-checked", String(index === level)))
  }

  hint(text) {
    this.#parts.hint.textContent = text
  }

  freeze(frozen) {
    for (const button of [...this.#choices, ...this.#levels, this.#parts.commit]) button.disabled = frozen
  }

  maskIsOn(on) {
    this.#parts.mask.setAttribute("aria-pressed", String(on))
  }

  #fillAid(aid) {
    this.#parts.ai.hidden = aid === null
    if (aid === null) return
    this.#parts.ranked.replaceChildren(...aid.ranked.slice(0, 3).map(rank))
    this.#parts.text.textContent = aid.description ?? this.#words.say("no_description")
    this.#parts.mask.disabled = !aid.mask
    this.maskIsOn(false)
  }
}

export function confidenceAt(index) {
  return CONFIDENCE[index].value
}

function choice({ key, label, spoken }) {
  const button = document.createElement("button")
  button.type = "button"
  button.className = "choice"
  button.setAttribute("role", "radio")
  button.setAttribute("aria-checked", "false")
  if (spoken) button.setAttribute("aria-label", spoken)
  if (key) button.append(span("keycap", key, "kbd"))
  button.append(span("choice__label", label))
  return button
}

function rank({ label, probability }) {
  const percent = Math.round(probability * 100)
  const row = document.createElement("li")
  const bar = span("ai__bar", "")
  const filled = span("ai__filled", "")
  filled.style.inlineSize = `${probability * 100}%`
  bar.append(filled)
  row.append(span("ai__label", label), bar, span("ai__percent", `${percent} %`))
  return row
}

function span(className, text, tag = "span") {
  return Object.assign(document.createElement(tag), { className, textContent: text })
}
