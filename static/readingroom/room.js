// The page's loop: ready -> trial -> saved -> ready, until the server says pause, washout or end.

import { AidPanel } from "./aid.js";
import { Api, Problem, Unreachable, isSignedOut } from "./api.js";
import { Clock } from "./clock.js";
import { Unloadable } from "./image.js";
import { commandOf } from "./keys.js";
import { Panel } from "./panel.js";
import { Quiet } from "./quiet.js";
import { Stage } from "./stage.js";
import { ownAnswer } from "./told.js";
import { Trial } from "./trial.js";
import { Words } from "./words.js";

const NAVIGATES = new Set(["washout", "end", "consent", "profile", "practice", "batch", "debriefing"])

class Room {
  #root
  #words
  #api
  #stage
  #panel
  #aid
  #clock
  #quiet
  #trial = null
  #goesOn = false // the reader has just answered the part before, and looks at this page
  #specs = new Map() // the questions that the parts of this case have asked so far
  #started = Promise.resolve()
  #pauseAfter = false

  constructor(root) {
    const part = (name) => root.querySelector(`[data-part="${name}"]`)
    this.#root = root
    this.part = part
    this.#words = new Words(document.getElementById("words"))
    this.#api = new Api({
      base: root.dataset.api,
      reader: root.dataset.reader,
      token: root.querySelector("[name=csrfmiddlewaretoken]").value,
      words: this.#words,
    })
    this.#stage = new Stage(part("stage"), this.#words)
    this.#clock = new Clock({ bar: part("bar"), number: part("seconds"), voice: part("voice"), words: this.#words })
    this.#quiet = new Quiet({ root: part("quiet"), words: this.#words })
    const parts = (...names) => Object.fromEntries(names.map((name) => [name, part(name)]))
    this.#panel = new Panel({
      parts: {
        root: part("panel"),
        ...parts("questions", "place", "before", "next", "commit", "commit-label", "hint", "told"),
      },
      words: this.#words,
      stage: this.#stage,
      onAnswer: (event, how) => this.#act(() => this.#trial.note(event, how)),
      onCommit: (event) => this.#commit(event),
    })
    this.#aid = new AidPanel({
      parts: parts("ai", "ai-body", "ask", "mask"),
      words: this.#words,
      onAsk: () => this.#act(() => this.#trial.askAid()),
      onMask: () => this.#stage.toggleMask(),
    })
    this.#stage.onMask = (on) => this.#aid.maskIsOn(on)
    this.#listen()
  }

  async run() {
    let note = await this.#sendUnsent()
    for (;;) {
      try {
        const step = await this.#api.next({ onRetry: () => this.#quiet.show("no_line") })
        if (step.kind !== "case") return await this.#leave(step, note)
        note = await this.#read(step, note)
      } catch (error) {
        note = await this.#explain(error)
      }
    }
  }

  // One part of a case from its image to its saved answer -> the sentence that says so
  async #read(step, note) {
    const trial = new Trial({
      spec: step, stage: this.#stage, panel: this.#panel, aid: this.#aid, clock: this.#clock, api: this.#api,
    })
    this.#trial = trial
    this.#head(step)
    this.#quiet.show(this.#goesOn ? "stage" : "loading", { note })
    try {
      await trial.prepare(this.#told(step))
    } catch (error) {
      if (!(error instanceof Unloadable)) throw error
      return (await this.#submit(step, trial.technical())).message
    }
    // A further part goes on at once, unless nobody is looking or somebody comes back to it later.
    if (!step.resumed && !(this.#goesOn && isLooking())) await this.#ready(step, note)
    this.#started = trial.start(() => this.#reveal())
    await this.#started
    const body = await trial.over
    this.#showTrial(false)
    const reply = await this.#submit(step, body)
    return await this.#after(reply)
  }

  #reveal() {
    this.#showTrial(true)
    this.#panel.fit()
  }

  // What stands above the questions of a further part.
  #told({ stage, questions, own, aid_when: when }) {
    if (stage === 1) this.#specs.clear()
    for (const spec of questions) this.#specs.set(spec.name, spec)
    if (stage === 1) return ""
    return [this.#words.say(when === "now" ? "now_ai" : "again"), ownAnswer(own, this.#specs, this.#words)]
      .filter(Boolean).join(" ")
  }

  async #ready(step, note) {
    const name = step.practice ? "ready_practice" : "ready"
    for (;;) {
      const asked = await this.#quiet.ask(name, { note, position: step.position })
      if (asked === "pause") await this.#quiet.ask("pause", { note })
      else if (isLooking()) return
    }
  }

  async #after({ message, next, feedback }) {
    const note = feedback ? this.#feedback(feedback, message) : message
    this.#goesOn = next === "stage"
    if (next === "pause" || (next === "case" && this.#pauseAfter)) {
      this.#wantPause(false)
      await this.#quiet.ask("pause", { note })
      return ""
    }
    return note
  }

  #feedback({ right, answer_label: label }, message) {
    return `${this.#words.say(right ? "feedback_right" : "feedback_wrong", { label })} ${message}`
  }

  async #submit(step, body) {
    this.#quiet.show("saving")
    try {
      return await this.#api.submit(step.trial, body, { onRetry: () => this.#quiet.show("resending") })
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.code !== "closed") throw problem
      return { message: problem.message, next: "case", feedback: null } // settled elsewhere: go on
    }
  }

  async #sendUnsent() {
    const unsent = this.#api.unsent()
    if (!unsent) return ""
    this.#quiet.show("resending")
    try {
      return (await this.#api.submit(unsent.trial, unsent.body, { onRetry: () => this.#quiet.show("resending") })).message
    } catch (error) {
      return error instanceof Problem && !isSignedOut(error) ? error.message : await this.#explain(error)
    }
  }

  async #leave(step, note) {
    if (NAVIGATES.has(step.kind)) return location.assign(step.url)
    await this.#quiet.ask(step.kind, { note, text: step.message })
    location.assign(step.url ?? this.#root.dataset.home)
  }

  // Says what went wrong and waits for the person -> the note for the next screen
  async #explain(error) {
    this.#clock.stop()
    this.#showTrial(false)
    if (isSignedOut(error)) {
      await this.#quiet.ask(this.#api.unsent() ? "signed_out_unsent" : "signed_out")
      location.assign(this.#root.dataset.signIn)
      return new Promise(() => {}) // the page is on its way out
    }
    if (error instanceof Unreachable) {
      this.#quiet.show("no_line") // the start was lost on the way: asking for the next case tells whether it counted
      return ""
    }
    if (!(error instanceof Problem)) return await this.#broken(error)
    await this.#quiet.ask(error.code === "lease_lost" ? "lease_lost" : "problem", { text: error.message })
    return ""
  }

  // A fault of this page: told, reported to the console, and left behind by a fresh start.
  async #broken(error) {
    reportError(error)
    await this.#quiet.ask("broken")
    location.reload()
    return new Promise(() => {}) // the page is on its way out
  }

  #head({ practice, position, total, aid_when: when, clinical }) {
    for (const name of ["mask-key", "mask-help", "ask-key", "ask-help"]) this.part(name).hidden = when === null
    this.part("clinical").textContent = clinical
      .map(({ name, value }) => `${this.#words.sayOr(`clinical_${name}`, name)}: ${value}`).join(" · ")
    this.part("clinical").hidden = clinical.length === 0
    this.part("practice").hidden = !practice
    this.part("position").textContent = this.#words.say("position", { position, total })
    this.part("pause").hidden = false
  }

  #showTrial(on) {
    this.part("trial").hidden = !on
    this.#root.dataset.screen = on ? "trial" : "quiet"
    this.#quiet.hide(on)
    if (on) this.part("help").close()
  }

  // A press within the two frames before t0 waits for it; later ones pass at once.
  #act(act) {
    this.#started.then(act, () => {}) // a start that failed is told by #explain
  }

  #commit(event) {
    this.#act(() => this.#trial.commit(event))
  }

  #wantPause(on) {
    this.#pauseAfter = on
    this.part("pause").setAttribute("aria-pressed", String(on))
  }

  #help() {
    const help = this.part("help")
    if (help.open) help.close()
    else help.show()
  }

  #listen() {
    document.addEventListener("keydown", (event) => this.#key(event))
    // A clicked button keeps the focus, and Space would press it again instead of going on.
    document.addEventListener("click", (event) => {
      if (event.detail > 0 && document.activeElement instanceof HTMLButtonElement) document.activeElement.blur()
    })
    this.part("pause").addEventListener("click", () => this.#wantPause(!this.#pauseAfter))
    for (const button of this.#root.querySelectorAll("[data-does=help]")) {
      button.addEventListener("click", () => this.#help())
    }
    // A page out of the back-forward cache shows a trial that may be over: ask again.
    addEventListener("pageshow", (event) => { if (event.persisted) location.reload() })
  }

  #key(event) {
    const command = commandOf(event)
    if (!command) return
    if (command.name === "help" || (command.name === "close" && this.part("help").open)) return this.#help()
    if (isOtherButton(event)) return
    if (this.#root.dataset.screen === "quiet") return this.#quiet.key(command, event)
    if (command.name === "arrow" && event.target.closest(".stage__tools")) return // a tone slider has the focus
    const acts = {
      commit: () => this.#act(() => this.#panel.press(event, (pressed) => this.#commit(pressed))),
      ask_ai: () => this.#act(() => this.#trial.askAid()),
      image: () => this.#stage.pick(command.index),
      reset: () => this.#stage.reset(),
      mask: () => this.#stage.toggleMask(),
      zoom_in: () => this.#stage.zoom(1),
      zoom_out: () => this.#stage.zoom(-1),
    }[command.name] ?? (() => this.#act(() => this.#panel.key(command, event)))
    event.preventDefault() // else Enter would also press the button that has the focus
    acts()
  }
}

function isLooking() {
  return document.visibilityState === "visible" && document.hasFocus() && !document.prerendering
}

// Space and Enter on a button that is no answer (pause, help) press that button.
function isOtherButton(event) {
  const presses = event.key === " " || event.key === "Enter"
  return presses && event.target.closest("button, a") !== null && !event.target.closest(".panel, [data-part=quiet-go]")
}

const root = document.querySelector("[data-api]")
new Room(root).run()
