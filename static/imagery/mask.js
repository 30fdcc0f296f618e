// Draws a segmentation mask as a line in the AI's colour. No fill: a tint would change the colours to be judged.

const LARGEST = 1024 // px; an outline needs no more
const INSIDE = 128

// mask: a decoded image, white (or opaque) where the lesion is -> a canvas of the same shape
export function outline(mask, colour) {
  const scale = Math.min(1, LARGEST / Math.max(mask.naturalWidth, mask.naturalHeight))
  const width = Math.max(1, Math.round(mask.naturalWidth * scale))
  const height = Math.max(1, Math.round(mask.naturalHeight * scale))
  const canvas = Object.assign(document.createElement("canvas"), { width, height })
  const pen = canvas.getContext("2d")
  pen.drawImage(mask, 0, 0, width, height)
  const pixels = pen.getImageData(0, 0, width, height)
  const inside = insideOf(pixels.data)
  writeAlpha(pixels.data, inside, width, height)
  pen.putImageData(pixels, 0, 0)
  pen.globalCompositeOperation = "source-in"
  pen.fillStyle = colour
  pen.fillRect(0, 0, width, height)
  return canvas
}

function insideOf(data) {
  const inside = new Uint8Array(data.length / 4)
  for (let at = 0; at < inside.length; at += 1) {
    const red = data[at * 4]
    const alpha = data[at * 4 + 3]
    inside[at] = red >= INSIDE && alpha >= INSIDE ? 1 : 0
  }
  return inside
}

function writeAlpha(data, inside, width, height) {
  const reach = Math.max(1, Math.round(Math.max(width, height) / 400))
  const isInside = (x, y) => x >= 0 && y >= 0 && x < width && y < height && inside[y * width + x] === 1
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = (y * width + x) * 4
      data[at + 3] = 0
      if (!isInside(x, y)) continue
      const deep = isInside(x - reach, y) && isInside(x + reach, y) && isInside(x, y - reach) && isInside(x, y + reach)
      if (!deep) data[at + 3] = 255
    }
  }
}
