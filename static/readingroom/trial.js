// One timed part of a reading. Knows time and events; drawing is stage.js, panel.js, aid.js and clock.js, sending api.js.
// The rules of the clock: docs/protocol.md, "The clock".

import { Problem } from "./api.js";
import { loadImage } from "./image.js";

const AGAIN_MS = 300 // before AI output that did not come is asked for again

export class Trial {
  #spec
  #stage
  #panel
  #aid
  #clock
  #api
  #key = newKey()
  #receivedAt = performance.now()
  #t0 = null
  #limitMs
  #firstChoiceMs = null
  #changes = 0
  #hiddenMs = 0
  #hiddenSince = null
  #blurs = 0
  #loaded = { loadMs: 0, decodeMs: 0 }
  #asked = false
  #settle
  #watching = new AbortController()
  // Resolves with what to submit, once: an answer or a time-out.
  over = new Promise((resolve) => { this.#settle = resolve })

  constructor({ spec, stage, panel, aid, clock, api }) {
    this.#spec = spec
    this.#stage = stage
    this.#panel = panel
    this.#aid = aid
    this.#clock = clock
    this.#api = api
    this.#limitMs = spec.limit_ms
  }

  get isRunning() {
    return this.#t0 !== null && !this.#watching.signal.aborted
  }

  // The network is never charged to the reader. Throws Unloadable.
  async prepare(told) {
    const { images, aid, questions, aid_when: when } = this.#spec
    const [loaded, pictures] = await Promise.all([
      this.#stage.prepare({ images, mask: aid?.mask }), similarOf(aid),
    ])
    this.#loaded = loaded
    this.#panel.fill(questions, told)
    this.#aid.fill(aid, when, pictures)
  }

  // `reveal` makes the trial's screen visible: the AI panel and the image come in the same frame.
  async start(reveal) {
    if (this.#spec.resumed) return this.#goOn(reveal)
    const { limit_ms: limitMs } = await this.#api.start(this.#spec)
    this.#limitMs = limitMs
    const { t0, method } = await this.#stage.show(reveal)
    this.#api.shown(this.#spec, method) // not awaited: a lost message costs the reader nothing
    this.#run(t0)
  }

  // Some question was answered, or answered otherwise than before.
  note(event, { changed }) {
    if (!this.isRunning) return
    this.#firstChoiceMs ??= this.#since(event)
    if (changed) this.#changes += 1
  }

  // -> whether something is still missing; else the answer is on its way
  commit(event) {
    if (!this.isRunning) return false
    if (this.#panel.askMissing()) return true
    const rtMs = this.#since(event)
    if (this.#ends && rtMs > this.#limitMs) this.#timeOut()
    else this.#end({ outcome: "answered", rtMs, inputType: inputType(event) })
    return false
  }

  // Shows AI output that waits until it is asked for.
  askAid() {
    if (this.isRunning && this.#spec.aid_when === "request") this.#reveal()
  }

  // What to submit when the image cannot be shown at all.
  technical() {
    return this.#body({ outcome: "technical", rtMs: null, inputType: "" })
  }

  get #ends() {
    return this.#spec.clock.limited && this.#spec.clock.hard
  }

  // After a refresh: same trial, same deadline; what the reader has seen before counts.
  async #goOn(reveal) {
    const t0 = this.#receivedAt + this.#spec.remaining_ms - this.#limitMs
    if (this.#ends && performance.now() >= t0 + this.#limitMs) {
      this.#t0 = t0
      return this.#timeOut()
    }
    await this.#stage.show(reveal)
    this.#run(t0)
  }

  #run(t0) {
    const { limited, visible } = this.#spec.clock
    this.#t0 = t0
    this.#watch()
    if (limited) this.#clock.start({ t0, limitMs: this.#limitMs, visible, onEnd: () => this.#limitPassed() })
    if (this.#spec.aid_when === "delayed") {
      setTimeout(() => this.#reveal(), Math.max(0, t0 + this.#spec.aid_delay_ms - performance.now()))
    }
  }

  #limitPassed() {
    if (this.#ends) this.#timeOut()
    else if (this.isRunning && this.#spec.clock.visible) this.#clock.tellOver()
  }

  // The asking is recorded by the server; its reply is decoded before any part of it is shown.
  async #reveal() {
    if (this.#asked) return
    this.#asked = true
    while (this.isRunning) {
      try {
        const { aid } = await this.#api.aid(this.#spec)
        const pictures = await similarOf(aid)
        if (!this.isRunning) return
        if (aid.mask) await this.#stage.addMask(aid.mask)
        return this.#aid.fill(aid, this.#spec.aid_when, pictures)
      } catch (error) {
        if (error instanceof Problem && error.status === 409) return // another window reads on; commit says so
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
      }
    }
  }

  #timeOut() {
    this.#end({ outcome: "timed_out", rtMs: null, inputType: "" })
  }

  #end(how) {
    if (!this.isRunning) return
    const body = this.#body(how)
    this.#watching.abort()
    this.#clock.stop()
    this.#stage.clear()
    this.#panel.freeze(true)
    this.#settle(body)
  }

  #body({ outcome, rtMs, inputType: device }) {
    return {
      lease: this.#spec.lease,
      key: this.#key,
      outcome,
      values: outcome === "technical" ? {} : this.#panel.values,
      rt_ms: rtMs,
      measures: {
        first_choice_rt_ms: this.#firstChoiceMs,
        n_changes: this.#changes,
        load_ms: this.#loaded.loadMs,
        decode_ms: this.#loaded.decodeMs,
        hidden_ms: Math.round(this.#hiddenMs + (this.#hiddenSince === null ? 0 : performance.now() - this.#hiddenSince)),
        blur_count: this.#blurs,
        ...this.#stage.measures,
        input_type: device,
        viewport: `${innerWidth}x${innerHeight}`,
        dpr: devicePixelRatio,
      },
    }
  }

  // The press itself: performance.now() in the handler would add the handler's delay.
  #since(event) {
    return Math.max(0, Math.round(event.timeStamp - this.#t0))
  }

  #watch() {
    const { signal } = this.#watching
    addEventListener("blur", () => { this.#blurs += 1 }, { signal })
    document.addEventListener("visibilitychange", () => this.#visibility(), { signal })
  }

  #visibility() {
    if (document.hidden) {
      this.#hiddenSince = performance.now()
    } else if (this.#hiddenSince !== null) {
      this.#hiddenMs += performance.now() - this.#hiddenSince
      this.#hiddenSince = null
    }
  }
}

async function similarOf(aid) {
  const loaded = await Promise.all((aid?.similar ?? []).map(loadImage))
  return loaded.map(({ element }) => element)
}

// crypto.randomUUID exists in secure contexts only; a site being tried out may be plain http.
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = (bytes[6] & 0x0f) | 0x40 // version 4, RFC 9562
  bytes[8] = (bytes[8] & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")
}

let lastPointer = "mouse" // Safari's click does not say which pointer made it
addEventListener("pointerdown", (event) => { lastPointer = event.pointerType }, { capture: true })

function inputType(event) {
  if (event instanceof KeyboardEvent) return "keyboard"
  if (event.detail === 0) return "keyboard" // a button pressed by Space or Enter
  return event.pointerType || lastPointer
}
