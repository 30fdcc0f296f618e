// A whole number from low to high: a row of steps where there are few, a slider where there are many. Confidence too.

import { check, choice, make } from "../elements.js";
import { Field } from "./field.js";

const MOST_STEPS = 11
const CONFIDENCE = [["Q", 0], ["W", 0.25], ["E", 0.5], ["R", 0.75], ["T", 1]]

export class Steps extends Field {
  advances = true
  #steps
  #buttons
  #chosen = null

  // steps: [{key, value, label, spoken}]
  constructor(spec, steps, { takes, indexOf }) {
    super(spec)
    this.#steps = steps
    this.takes = takes
    this.indexOf = indexOf
    if (spec.low_label || spec.high_label) this.element.append(ends(spec))
    const group = this.group("radiogroup")
    group.className = "question__steps"
    group.dataset.steps = String(steps.length)
    this.#buttons = steps.map((step, index) => {
      const button = choice(step)
      button.addEventListener("click", (event) => this.#choose(index, event))
      return button
    })
    group.append(...this.#buttons)
  }

  get value() {
    return this.#chosen === null ? null : this.#steps[this.#chosen].value
  }

  take(command, event) {
    const index = this.indexOf(command, this.#chosen)
    if (index >= 0 && index < this.#steps.length) this.#choose(index, event)
  }

  #choose(index, event) {
    const changed = this.#chosen !== null && this.#chosen !== index
    this.#chosen = index
    this.#buttons.forEach((button, at) => check(button, at === index))
    this.onChange(event, { changed })
  }
}

export function confidence(spec, words) {
  const steps = CONFIDENCE.map(([key, value]) => ({
    key, value, label: String(value * 100), spoken: words.say("sure", { n: value * 100 }),
  }))
  const labelled = { low_label: words.say("guess"), high_label: words.say("certain"), ...filled(spec) }
  return new Steps({ ...spec, ...labelled }, steps, {
    takes: (command) => command.name === "confidence",
    indexOf: (command) => command.index,
  })
}

export function scale(spec) {
  if (spec.high - spec.low >= MOST_STEPS) return new Slider(spec)
  const steps = Array.from({ length: spec.high - spec.low + 1 }, (_, index) => {
    const value = spec.low + index
    return { key: "", value, label: String(value) }
  })
  return new Steps(spec, steps, {
    takes: ({ name, x }) => name === "digit" || (name === "arrow" && x !== 0),
    indexOf: ({ name, digit, x }, chosen) => (name === "digit" ? digit - spec.low : (chosen ?? (x > 0 ? -1 : steps.length)) + x),
  })
}

class Slider extends Field {
  #input
  #number
  #value = null

  constructor(spec) {
    super(spec)
    const row = make("div", "question__slider")
    row.dataset.unset = "true"
    this.#input = Object.assign(make("input", ""), { type: "range", min: spec.low, max: spec.high, step: 1 })
    this.#input.setAttribute("aria-labelledby", this.heading.id)
    this.#input.value = String(Math.round((spec.low + spec.high) / 2))
    this.#number = make("span", "question__number", "–")
    this.#input.addEventListener("input", (event) => this.#set(Number(this.#input.value), event))
    // A press where the thumb already stands changes nothing for the browser, but it is an answer.
    this.#input.addEventListener("pointerup", (event) => this.#set(Number(this.#input.value), event))
    row.append(this.#input, this.#number)
    this.element.append(row)
    if (spec.low_label || spec.high_label) this.element.append(ends(spec))
  }

  get value() {
    return this.#value
  }

  takes({ name, x }) {
    return name === "digit" || name === "least" || name === "most" || (name === "arrow" && x !== 0)
  }

  take({ name, digit, x, shift }, event) {
    const { low, high } = this.spec
    const now = Number(this.#input.value)
    const wanted = {
      digit: low + Math.round(((high - low) * digit) / 10),
      least: low,
      most: high,
      arrow: now + x * (shift ? 10 : 1),
    }[name]
    this.#set(Math.min(high, Math.max(low, wanted)), event)
  }

  #set(value, event) {
    const changed = this.#value !== null && this.#value !== value
    this.#value = value
    this.#input.value = String(value)
    this.#input.parentElement.dataset.unset = "false"
    this.#number.textContent = String(value)
    this.onChange(event, { changed })
  }
}

function filled({ low_label, high_label }) {
  return Object.fromEntries(Object.entries({ low_label, high_label }).filter(([, label]) => label))
}

function ends({ low_label: low, high_label: high }) {
  const line = make("p", "question__ends")
  line.append(make("span", "", low), make("span", "", high))
  return line
}
