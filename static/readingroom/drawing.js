// A rectangle over an image, in fractions of the image's sides. An SVG with the image's own shape lies where it lies.

const SVG = "http://www.w3.org/2000/svg"
const LEAST = 0.02 // a smaller one is a slip of the finger

export class Drawing {
  element = document.createElementNS(SVG, "svg")
  #rects = ["under", "over"].map((kind) => {
    const rect = document.createElementNS(SVG, "rect")
    rect.setAttribute("class", `stage__rect stage__rect--${kind}`)
    return rect
  })
  #size = { width: 1, height: 1 }
  #onDraw = null
  #from = null

  constructor() {
    this.element.setAttribute("class", "stage__drawing")
    this.element.setAttribute("aria-hidden", "true")
    this.element.append(...this.#rects)
    this.element.addEventListener("pointerdown", (event) => this.#down(event))
    this.element.addEventListener("pointermove", (event) => this.#move(event))
    for (const end of ["pointerup", "pointercancel"]) this.element.addEventListener(end, (event) => this.#up(event))
    this.show(null)
  }

  fit(image) {
    this.#size = { width: image.naturalWidth, height: image.naturalHeight }
    this.element.setAttribute("viewBox", `0 0 ${image.naturalWidth} ${image.naturalHeight}`)
    this.show(null)
  }

  listen(onDraw) {
    this.#onDraw = onDraw
    this.#from = null
    this.element.toggleAttribute("data-listens", onDraw !== null)
  }

  show(region) {
    const { width, height } = this.#size
    for (const rect of this.#rects) {
      rect.toggleAttribute("hidden", region === null)
      if (region === null) continue
      rect.setAttribute("x", region.left * width)
      rect.setAttribute("y", region.top * height)
      rect.setAttribute("width", (region.right - region.left) * width)
      rect.setAttribute("height", (region.bottom - region.top) * height)
    }
  }

  #down(event) {
    if (!this.#onDraw) return
    event.stopPropagation() // else the image would be dragged along
    this.element.setPointerCapture(event.pointerId)
    this.#from = this.#place(event)
  }

  #move(event) {
    if (!this.#from) return
    event.stopPropagation()
    this.show(between(this.#from, this.#place(event)))
  }

  #up(event) {
    if (!this.#from) return
    event.stopPropagation()
    const region = between(this.#from, this.#place(event))
    this.#from = null
    const drawn = region.right - region.left >= LEAST && region.bottom - region.top >= LEAST
    if (drawn && event.type === "pointerup") this.#onDraw?.(region, event)
  }

  #place(event) {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(this.element.getScreenCTM().inverse())
    const fraction = (value, whole) => Math.min(Math.max(value / whole, 0), 1)
    return { x: fraction(point.x, this.#size.width), y: fraction(point.y, this.#size.height) }
  }
}

function between(one, other) {
  const round = (value) => Math.round(value * 10_000) / 10_000
  return {
    left: round(Math.min(one.x, other.x)), top: round(Math.min(one.y, other.y)),
    right: round(Math.max(one.x, other.x)), bottom: round(Math.max(one.y, other.y)),
  }
}
