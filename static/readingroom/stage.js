// The image on the grey stage: decoded before it is needed, shown in one frame, adjusted by the reader.

import { loadImage } from "./image.js";
import { outline } from "../imagery/mask.js";
import { Viewer } from "../imagery/viewer.js";

// A tab hidden between start and paint draws no frames; the clock may not wait for it longer than this.
const FRAME_PATIENCE_MS = 1000

export class Stage {
  #root
  #box
  #brightness
  #contrast
  #zoom
  #viewer
  #image = null
  #mask = null
  #toneChanged = false
  #toggles = 0
  onMask = () => {}

  constructor(root) {
    const part = (name) => root.querySelector(`[data-part="${name}"]`)
    this.#root = root
    this.#box = part("box")
    this.#brightness = part("brightness")
    this.#contrast = part("contrast")
    this.#zoom = part("zoom")
    this.#viewer = new Viewer({ frame: part("frame"), box: this.#box, onChange: (scale) => this.#tellZoom(scale) })
    for (const slider of [this.#brightness, this.#contrast]) {
      slider.addEventListener("input", () => this.#tone())
    }
    part("reset").addEventListener("click", () => this.reset())
    part("zoom-in").addEventListener("click", () => this.zoom(1))
    part("zoom-out").addEventListener("click", () => this.zoom(-1))
    root.addEventListener("contextmenu", (event) => event.preventDefault())
  }

  // Everything that will be shown, decoded and hidden -> {loadMs, decodeMs}. Throws Unloadable.
  async prepare({ image, mask }) {
    this.clear()
    const [main, overlay] = await Promise.all([loadImage(image), mask ? loadImage(mask) : null])
    this.#image = main.element
    this.#image.alt = ""
    this.#image.className = "stage__image"
    this.#image.draggable = false
    this.#mask = overlay && outline(overlay.element, getComputedStyle(this.#box).color)
    if (this.#mask) {
      this.#mask.className = "stage__mask"
      this.#mask.hidden = true
    }
    return { loadMs: main.loadMs, decodeMs: main.decodeMs + (overlay?.decodeMs ?? 0) }
  }

  // Puts the image on screen together with whatever `alongside` shows -> {t0, method}, on the page's clock.
  async show(alongside) {
    this.#box.replaceChildren(this.#image, ...(this.#mask ? [this.#mask] : []))
    alongside()
    this.#freshView() // needs the size that the stage has only now
    return await painted()
  }

  clear() {
    this.#box.replaceChildren()
    this.#image = null
    this.#mask = null
  }

  reset() {
    this.#viewer.reset()
    this.#brightness.value = this.#contrast.value = "100"
    if (this.#image) this.#image.style.filter = "none"
  }

  zoom(direction) {
    this.#viewer.step(direction)
  }

  toggleMask() {
    if (!this.#mask) return
    this.#mask.hidden = !this.#mask.hidden
    this.#toggles += 1
    this.onMask(!this.#mask.hidden)
  }

  get measures() {
    return {
      zoom_max: Math.round(this.#viewer.largest * 100) / 100,
      tone_changed: this.#toneChanged,
      overlay_toggles: this.#toggles,
    }
  }

  #freshView() {
    this.#viewer.fresh()
    this.reset()
    this.#toneChanged = false
    this.#toggles = 0
  }

  #tone() {
    this.#toneChanged = true
    if (this.#image) this.#image.style.filter = `brightness(${this.#brightness.value}%) contrast(${this.#contrast.value}%)`
  }

  #tellZoom(scale) {
    this.#zoom.textContent = `${scale.toFixed(1)}×`
  }
}

// The second animation frame after insertion lies within about 9 ms of the real paint; the first is 8 to 137 ms early.
function painted() {
  return new Promise((resolve) => {
    const patience = setTimeout(() => resolve({ t0: performance.now(), method: "timer" }), FRAME_PATIENCE_MS)
    requestAnimationFrame(() => requestAnimationFrame(() => {
      clearTimeout(patience)
      resolve({ t0: performance.now(), method: "two_frames" })
    }))
  })
}
