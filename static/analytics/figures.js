// Draws the page's figures. Their data come as JSON in the page; colours in it are names of tokens, so that a figure
// follows the theme. Plotly is a global of its own script.
const PAPER_PX = 680 // A4 less its margins (results.css), at 96 px an inch
const COLOUR = /^--[a-z-]+[0-9]*$/

class Palette {
  #context = document.createElement("canvas").getContext("2d", { willReadFrequently: true })
  #known = new Map()

  // A canvas turns any CSS colour, OKLCH too, into the rgb that every drawing library reads.
  of(token) {
    if (!this.#known.has(token)) this.#known.set(token, this.#read(token))
    return this.#known.get(token)
  }

  #read(token) {
    const probe = document.createElement("span")
    probe.className = "figures__probe"
    document.body.append(probe)
    probe.style.setProperty("color", `var(${token})`)
    this.#context.fillStyle = getComputedStyle(probe).color
    probe.remove()
    this.#context.fillRect(0, 0, 1, 1)
    const [r, g, b] = this.#context.getImageData(0, 0, 1, 1).data
    return `rgb(${r}, ${g}, ${b})`
  }
}

function coloured(node, palette) {
  if (typeof node === "string") return COLOUR.test(node) ? palette.of(node) : node
  if (Array.isArray(node)) return node.map((one) => coloured(one, palette))
  if (node === null || typeof node !== "object") return node
  return Object.fromEntries(Object.entries(node).map(([name, one]) => [name, coloured(one, palette)]))
}

class Figures {
  #drawings
  #options = { responsive: true, displaylogo: false, modeBarButtons: [["toImage"]] }

  constructor({ drawings, plotly }) {
    this.#drawings = drawings
    this.plotly = plotly
  }

  // width: in px, for paper; on the screen a figure is as wide as its place.
  draw({ width } = {}) {
    const palette = new Palette()
    const font = getComputedStyle(document.body).fontFamily
    for (const place of document.querySelectorAll("[data-figure]")) {
      const { data, layout } = coloured(this.#drawings[place.dataset.figure], palette)
      layout.font.family = font
      if (width) layout.width = width
      this.plotly.react(place, data, layout, { ...this.#options, toImageButtonOptions: { filename: place.dataset.file } })
    }
  }
}

const figures = new Figures({
  drawings: JSON.parse(document.getElementById("figures-data").textContent),
  plotly: window.Plotly,
})
figures.draw()
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => figures.draw())

// Paper shows everything: fold-outs open, and figures in the light colours that the print style sheet sets.
const foldOuts = [...document.querySelectorAll("details")]
let closed = []
window.addEventListener("beforeprint", () => {
  closed = foldOuts.filter((one) => !one.open)
  for (const one of closed) one.open = true
  figures.draw({ width: PAPER_PX })
})
window.addEventListener("afterprint", () => {
  for (const one of closed) one.open = false
  figures.draw()
})
