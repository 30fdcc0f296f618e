// Choosing the image: by dialog, by drop, by paste. The form itself works without this file.

const form = document.querySelector("[data-part=form]")
if (form) prepare(form)

function prepare(form) {
  const part = (name) => form.querySelector(`[data-part=${name}]`)
  const input = form.querySelector("input[type=file]")
  const drop = part("drop")
  const choose = (files) => {
    if (files.length === 0) return
    const one = new DataTransfer()
    one.items.add(files[0])
    input.files = one.files
    show()
  }
  const show = () => {
    const file = input.files[0]
    const tooLarge = file && file.size > Number(form.dataset.maxBytes)
    part("problem").textContent = tooLarge ? form.dataset.tooLarge : ""
    part("problem").hidden = !tooLarge
    part("send").disabled = Boolean(tooLarge)
    preview(file)
  }
  const preview = (file) => {
    const picture = part("picture")
    if (picture.src) URL.revokeObjectURL(picture.src)
    part("preview").hidden = true
    if (!file) return
    picture.onload = () => (part("preview").hidden = false) // a TIFF has no preview in a browser, and needs none
    picture.src = URL.createObjectURL(file)
  }
  input.addEventListener("change", show)
  document.addEventListener("paste", (event) => choose(event.clipboardData.files))
  drop.addEventListener("dragover", (event) => {
    event.preventDefault()
    drop.dataset.over = ""
  })
  drop.addEventListener("dragleave", () => delete drop.dataset.over)
  drop.addEventListener("drop", (event) => {
    event.preventDefault()
    delete drop.dataset.over
    choose(event.dataTransfer.files)
  })
  form.addEventListener("submit", () => {
    part("send").disabled = true // a second click would send it twice
    part("send").textContent = form.dataset.sending
  })
  addEventListener("pageshow", (event) => event.persisted && location.reload()) // back: the button is alive again
}
