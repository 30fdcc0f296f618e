// The page's sentences, translated by the template: <template id="words"><p data-word="key">... {n} ...</p>.
export class Words {
  #texts

  constructor(template) {
    const entries = [...template.content.querySelectorAll("[data-word]")]
    this.#texts = new Map(entries.map((entry) => [entry.dataset.word, entry.textContent.trim()]))
  }

  say(key, values = {}) {
    return this.#texts.get(key).replace(/\{(\w+)\}/g, (_, name) => values[name])
  }

  // For names that come from a study: its own word where this page has none.
  sayOr(key, otherwise) {
    return this.#texts.get(key) ?? otherwise
  }
}
