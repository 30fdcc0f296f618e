// What the model says, in violet: only the parts that came with the reply. Draws; fetches nothing.

import { make } from "./elements.js";

const ROWS = 3 // their room is kept where a case has fewer

export class AidPanel {
  #parts
  #words

  // parts: {ai, ai-body, ask, mask}
  constructor({ parts, words, onAsk, onMask }) {
    this.#parts = parts
    this.#words = words
    parts.ask.addEventListener("click", onAsk)
    parts.mask.addEventListener("click", onMask)
  }

  // when: null, "now", "request" or "delayed". `aid` is null until it is shown.
  fill(aid, when, pictures = []) {
    const { ai, ask, mask } = this.#parts
    ai.hidden = when === null
    ai.dataset.when = when ?? ""
    ask.hidden = when !== "request" || aid !== null
    mask.hidden = !aid?.mask
    this.maskIsOn(false)
    const waiting = when === "delayed" && aid === null ? [make("p", "ai__waits", this.#words.say("ai_comes"))] : []
    this.#parts["ai-body"].replaceChildren(...(aid ? this.#drawn(aid, pictures) : waiting))
  }

  maskIsOn(on) {
    this.#parts.mask.setAttribute("aria-pressed", String(on))
  }

  #drawn(aid, pictures) {
    const makers = {
      ranked: (ranked) => bars(ranked.map(({ label, probability }) => ({ label, share: probability }))),
      label: (label) => make("p", "ai__one", label),
      malignancy: (share) => this.#malignancy(share),
      crowd: (crowd) => this.#crowd(crowd),
      similar: (similar) => gallery(similar, pictures, this.#words.say("similar")),
      description: (text) => make("p", "ai__text", text ?? this.#words.say("no_description")),
    }
    return Object.entries(makers).filter(([name]) => name in aid).map(([name, draw]) => draw(aid[name]))
  }

  #malignancy(share) {
    return bars([{ label: this.#words.say("malignant"), share: share ?? 0 }], { rows: 1 })
  }

  // crowd: {diagnosis: votes}
  #crowd(crowd) {
    const votes = Object.entries(crowd).sort(([one, a], [other, b]) => b - a || one.localeCompare(other))
    const all = votes.reduce((sum, [, count]) => sum + count, 0) || 1
    const part = make("div", "ai__part")
    part.append(
      make("p", "ai__caption", this.#words.say("crowd", { n: all })),
      bars(votes.map(([label, count]) => ({ label, share: count / all, number: String(count) }))),
    )
    return part
  }
}

function bars(entries, { rows = Math.max(ROWS, entries.length) } = {}) {
  const list = make("ol", "ai__ranked")
  list.style.gridTemplateRows = `repeat(${rows}, var(--ai-row))`
  list.append(...entries.map(bar))
  return list
}

function bar({ label, share, number = `${Math.round(share * 100)} %` }) {
  const row = make("li", "")
  const line = make("span", "ai__bar")
  const filled = make("span", "ai__filled")
  filled.style.inlineSize = `${share * 100}%`
  line.append(filled)
  row.append(make("span", "ai__label", label), line, make("span", "ai__percent", number))
  return row
}

function gallery(similar, pictures, title) {
  const part = make("div", "ai__part")
  const list = make("ul", "ai__similar")
  similar.forEach(({ label }, index) => {
    const entry = make("li", "")
    const picture = pictures[index]
    if (picture) {
      picture.alt = ""
      picture.draggable = false
      entry.append(picture)
    }
    entry.append(make("span", "ai__like", label))
    list.append(entry)
  })
  part.append(make("p", "ai__caption", title), list)
  return part
}
