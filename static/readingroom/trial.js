// One timed reading. Knows time and events; drawing is stage.js, panel.js and clock.js, sending is api.js.
// The rules of the clock: docs/protocol.md, "The clock".

import { confidenceAt } from "./panel.js";

export class Trial {
  #spec
  #stage
  #panel
  #clock
  #api
  #key = newKey()
  #receivedAt = performance.now()
  #t0 = null
  #limitMs
  #option = null
  #level = null
  #firstChoiceMs = null
  #changes = 0
  #hiddenMs = 0
  #hiddenSince = null
  #blurs = 0
  #loaded = { loadMs: 0, decodeMs: 0 }
  #settle
  #watching = new AbortController()
  // Resolves with what to submit, once: an answer or a time-out.
  over = new Promise((resolve) => { this.#settle = resolve })

  constructor({ spec, stage, panel, clock, api }) {
    this.#spec = spec
    this.#stage = stage
    this.#panel = panel
    this.#clock = clock
    this.#api = api
    this.#limitMs = spec.limit_ms
  }

  get isRunning() {
    return this.#t0 !== null && !this.#watching.signal.aborted
  }

  // The network is never charged to the reader. Throws Unloadable.
  async prepare() {
    this.#loaded = await this.#stage.prepare({ image: this.#spec.image, mask: this.#spec.aid?.mask })
    this.#panel.fill(this.#spec)
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

  choose(index, event) {
    if (!this.isRunning || index >= this.#spec.options.length) return
    this.#firstChoiceMs ??= this.#since(event)
    if (this.#option !== null && this.#option !== index) this.#changes += 1
    this.#option = index
    this.#mark()
  }

  rate(index) {
    if (!this.isRunning || !this.#spec.confidence) return
    this.#level = index
    this.#mark()
  }

  // -> what is still missing ("choice", "confidence"), or null when the answer is on its way
  commit(event) {
    if (!this.isRunning) return null
    if (this.#option === null) return "choice"
    if (this.#spec.confidence && this.#level === null) return "confidence"
    const rtMs = this.#since(event)
    if (rtMs > this.#limitMs) this.#timeOut()
    else this.#end({ outcome: "answered", rtMs, inputType: inputType(event) })
    return null
  }

  // What to submit when the image cannot be shown at all.
  technical() {
    return this.#body({ outcome: "technical", rtMs: null, inputType: "" })
  }

  // After a refresh: same trial, same deadline; what the reader has seen before counts.
  async #goOn(reveal) {
    const t0 = this.#receivedAt + this.#spec.remaining_ms - this.#limitMs
    if (performance.now() >= t0 + this.#limitMs) {
      this.#t0 = t0
      return this.#timeOut()
    }
    await this.#stage.show(reveal)
    this.#run(t0)
  }

  #run(t0) {
    this.#t0 = t0
    this.#watch()
    this.#clock.start({ t0, limitMs: this.#limitMs, onEnd: () => this.#timeOut() })
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
      choice: this.#option === null ? null : this.#spec.options[this.#option].value,
      confidence: this.#level === null ? null : confidenceAt(this.#level),
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

  #mark() {
    this.#panel.mark({ option: this.#option, level: this.#level })
    this.#panel.hint("")
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
