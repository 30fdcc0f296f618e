// Zoom and pan of one box: wheel, pinch, drag. Knows nothing of images or trials.

const LARGEST = 8
const WHEEL_STEP = 1.0015
const BUTTON_STEP = 1.5

export class Viewer {
  #frame
  #box
  #scale = 1
  #x = 0
  #y = 0
  #pointers = new Map()
  #pinch = null
  #onChange
  largest = 1 // the greatest zoom since the last reset, exported with the answer

  constructor({ frame, box, onChange = () => {} }) {
    this.#frame = frame
    this.#box = box
    this.#onChange = onChange
    frame.addEventListener("wheel", (event) => this.#wheel(event), { passive: false })
    frame.addEventListener("pointerdown", (event) => this.#down(event))
    frame.addEventListener("pointermove", (event) => this.#move(event))
    for (const end of ["pointerup", "pointercancel"]) frame.addEventListener(end, (event) => this.#up(event))
  }

  get scale() {
    return this.#scale
  }

  fresh() {
    this.largest = 1
    this.reset()
  }

  reset() {
    this.#pointers.clear()
    this.#pinch = null
    this.#place(1, 0, 0)
  }

  step(direction) {
    const { width, height } = this.#frame.getBoundingClientRect()
    this.#zoom(this.#scale * BUTTON_STEP ** direction, width / 2, height / 2)
  }

  #wheel(event) {
    event.preventDefault() // else the page would scroll or zoom
    const { x, y } = this.#local(event)
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * 16 : event.deltaY
    this.#zoom(this.#scale * WHEEL_STEP ** -pixels, x, y)
  }

  #down(event) {
    this.#frame.setPointerCapture(event.pointerId)
    this.#pointers.set(event.pointerId, this.#local(event))
    this.#pinch = this.#pointers.size === 2 ? this.#gesture() : null
  }

  #move(event) {
    const before = this.#pointers.get(event.pointerId)
    if (!before) return
    const now = this.#local(event)
    this.#pointers.set(event.pointerId, now)
    if (this.#pinch) this.#pinchTo(this.#gesture())
    else this.#place(this.#scale, this.#x + now.x - before.x, this.#y + now.y - before.y)
  }

  #up(event) {
    this.#pointers.delete(event.pointerId)
    this.#pinch = null
  }

  // Two fingers: their distance, their middle, and the view as it was when they came down.
  #gesture() {
    const [a, b] = this.#pointers.values()
    return {
      distance: Math.hypot(a.x - b.x, a.y - b.y) || 1,
      x: (a.x + b.x) / 2,
      y: (a.y + b.y) / 2,
      view: { scale: this.#scale, x: this.#x, y: this.#y },
    }
  }

  #pinchTo(now) {
    const { view, distance, x, y } = this.#pinch
    const scale = clamp(view.scale * (now.distance / distance), 1, LARGEST)
    const ratio = scale / view.scale
    this.#place(scale, now.x - (x - view.x) * ratio, now.y - (y - view.y) * ratio)
  }

  // The point under (x, y) stays where it is.
  #zoom(wanted, x, y) {
    const scale = clamp(wanted, 1, LARGEST)
    const ratio = scale / this.#scale
    this.#place(scale, x - (x - this.#x) * ratio, y - (y - this.#y) * ratio)
  }

  #place(scale, x, y) {
    const { width, height } = this.#frame.getBoundingClientRect()
    this.#scale = scale
    this.#x = clamp(x, width * (1 - scale), 0)
    this.#y = clamp(y, height * (1 - scale), 0)
    this.largest = Math.max(this.largest, scale)
    this.#box.style.transform = `translate(${this.#x}px, ${this.#y}px) scale(${scale})`
    this.#onChange(scale)
  }

  #local(event) {
    const { left, top } = this.#frame.getBoundingClientRect()
    return { x: event.clientX - left, y: event.clientY - top }
  }
}

function clamp(value, least, most) {
  return Math.min(Math.max(value, least), most)
}
