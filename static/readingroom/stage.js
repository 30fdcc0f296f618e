// The images on the grey stage: decoded before they are needed, shown in one frame, adjusted by the reader.

import { make } from "./elements.js";
import { loadImage } from "./image.js";
import { Drawing } from "./drawing.js";
import { outline } from "../imagery/mask.js";
import { Viewer } from "../imagery/viewer.js";

// A tab hidden between start and paint draws no frames; the clock may not wait for it longer than this.
const FRAME_PATIENCE_MS = 1000
const KEYS = "ASDF"

export class Stage {
  #box
  #tabs
  #brightness
  #contrast
  #zoom
  #words
  #viewer
  #drawing = new Drawing()
  #images = [] // elements
  #kept = new Map() // sha256 -> what was loaded for this case: the next part of a reading shows it again
  #at = 0
  #mask = null // belongs to the first image
  #toneChanged = false
  #toggles = 0
  onMask = () => {}

  constructor(root, words) {
    const part = (name) => root.querySelector(`[data-part="${name}"]`)
    this.#words = words
    this.#box = part("box")
    this.#tabs = part("tabs")
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
  async prepare({ images, mask }) {
    this.clear()
    const [overlay, ...loaded] = await Promise.all([mask ? loadImage(mask) : null, ...images.map((file) => this.#load(file))])
    this.#kept = new Map(images.map(({ sha256 }, index) => [sha256, loaded[index]]))
    this.#images = loaded.map(({ element }) => element)
    for (const element of this.#images) Object.assign(element, { alt: "", className: "stage__image", draggable: false })
    this.#at = 0
    this.#setMask(overlay)
    this.#fillTabs(images)
    this.#drawing.fit(this.#images[0])
    const sum = (name) => loaded.reduce((total, one) => total + one[name], 0)
    return { loadMs: Math.max(...loaded.map(({ loadMs }) => loadMs)), decodeMs: sum("decodeMs") + (overlay?.decodeMs ?? 0) }
  }

  // Puts the image on screen together with whatever `alongside` shows -> {t0, method}, on the page's clock.
  async show(alongside) {
    this.#fillBox()
    alongside()
    this.#freshView() // needs the size that the stage has only now
    return await painted()
  }

  // The mask of AI output that comes after the image. Throws Unloadable.
  async addMask(file) {
    this.#setMask(await loadImage(file))
    this.#fillBox()
  }

  clear() {
    this.#box.replaceChildren()
    this.#tabs.replaceChildren()
    this.#images = []
    this.#mask = null
    this.draw(null)
  }

  pick(index) {
    if (index >= this.#images.length || index === this.#at) return
    this.#at = index
    this.#fillBox()
    this.#tone()
    this.#viewer.reset()
  }

  reset() {
    this.#viewer.reset()
    this.#brightness.value = this.#contrast.value = "100"
    for (const image of this.#images) image.style.filter = "none"
  }

  zoom(direction) {
    this.#viewer.step(direction)
  }

  toggleMask() {
    if (!this.#mask) return
    this.pick(0)
    this.#mask.hidden = !this.#mask.hidden
    this.#toggles += 1
    this.onMask(!this.#mask.hidden)
  }

  // Takes rectangles from the pointer on the first image until called with null. onDraw(region, event)
  draw(onDraw) {
    if (onDraw) this.pick(0)
    this.#drawing.listen(onDraw)
  }

  outline(region) {
    this.#drawing.show(region)
  }

  get measures() {
    return {
      zoom_max: Math.round(this.#viewer.largest * 100) / 100,
      tone_changed: this.#toneChanged,
      overlay_toggles: this.#toggles,
    }
  }

  #load(file) {
    return this.#kept.get(file.sha256) ?? loadImage(file)
  }

  #setMask(overlay) {
    this.#mask = overlay && outline(overlay.element, getComputedStyle(this.#box).color)
    if (!this.#mask) return
    this.#mask.className = "stage__mask"
    this.#mask.hidden = true
  }

  #fillBox() {
    const first = this.#at === 0
    this.#box.replaceChildren(
      this.#images[this.#at], ...(first && this.#mask ? [this.#mask] : []), ...(first ? [this.#drawing.element] : []),
    )
    ;[...this.#tabs.children].forEach((tab, index) => tab.setAttribute("aria-pressed", String(index === this.#at)))
  }

  // One image needs no tabs.
  #fillTabs(files) {
    const tabs = files.length < 2 ? [] : files.map(({ kind }, index) => {
      const tab = make("button", "stage__tab")
      tab.type = "button"
      tab.append(make("span", "", this.#words.sayOr(`image_${kind}`, kind || this.#words.say("image_n", { n: index + 1 }))))
      if (index < KEYS.length) tab.append(make("kbd", "keycap", KEYS[index]))
      tab.addEventListener("click", () => this.pick(index))
      return tab
    })
    this.#tabs.replaceChildren(...tabs)
    this.#tabs.hidden = tabs.length === 0
  }

  #freshView() {
    this.#viewer.fresh()
    this.reset()
    this.#toneChanged = false
    this.#toggles = 0
  }

  #tone() {
    const [brightness, contrast] = [this.#brightness.value, this.#contrast.value]
    const plain = brightness === "100" && contrast === "100"
    this.#toneChanged ||= !plain
    for (const image of this.#images) {
      image.style.filter = plain ? "none" : `brightness(${brightness}%) contrast(${contrast}%)`
    }
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
