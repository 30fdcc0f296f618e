// What a reader sees and hears of the time. Always computed from t0, never counted down.

const LAST_SECONDS = 10
const SPOKEN = [10, 5]

export class Clock {
  #bar
  #number
  #voice
  #words
  #still = matchMedia("(prefers-reduced-motion: reduce)")
  #run = 0

  constructor({ bar, number, voice, words }) {
    this.#bar = bar
    this.#number = number
    this.#voice = voice
    this.#words = words
  }

  // Draws until stop(); calls onEnd once, when t0 + limitMs is over. An invisible clock runs all the same.
  start({ t0, limitMs, visible, onEnd }) {
    const run = ++this.#run
    const spoken = new Set(SPOKEN.filter((second) => t0 + limitMs - performance.now() < second * 1000))
    const draw = () => {
      if (run !== this.#run) return
      const left = Math.max(0, limitMs - (performance.now() - t0))
      this.#draw(left, limitMs)
      this.#speak(left, limitMs, spoken)
      if (left > 0) requestAnimationFrame(draw)
      else end()
    }
    const end = () => {
      if (run !== this.#run) return
      this.stop()
      onEnd()
    }
    // A hidden tab draws no frames: the end must not depend on them.
    setTimeout(end, Math.max(0, t0 + limitMs - performance.now()))
    if (visible) draw()
  }

  stop() {
    this.#run += 1
    this.#bar.style.transform = "scaleX(0)"
    this.#bar.dataset.last = this.#bar.dataset.over = "false"
    this.#number.textContent = ""
    this.#voice.textContent = ""
  }

  // The time of a soft limit is over: said once, and reading goes on.
  tellOver() {
    this.#bar.style.transform = "scaleX(1)"
    this.#bar.dataset.over = "true"
    this.#voice.textContent = this.#words.say("time_over")
  }

  #draw(left, limitMs) {
    const seconds = Math.ceil(left / 1000)
    const share = this.#still.matches ? (seconds * 1000) / limitMs : left / limitMs
    this.#bar.style.transform = `scaleX(${Math.min(1, share)})`
    this.#bar.dataset.last = String(seconds <= LAST_SECONDS)
    const text = seconds <= LAST_SECONDS ? String(seconds) : ""
    if (this.#number.textContent !== text) this.#number.textContent = text
  }

  #speak(left, limitMs, spoken) {
    for (const second of SPOKEN) {
      if (spoken.has(second) || left > second * 1000 || limitMs <= second * 1000) continue
      spoken.add(second)
      this.#voice.textContent = this.#words.say("seconds_left", { n: second })
    }
  }
}
