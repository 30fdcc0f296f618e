// Keeps the plan beside the design form in step with what is typed. Nothing is saved.

const AFTER_TYPING_MS = 300

const form = document.querySelector("form[data-preview]")
const plan = document.querySelector("[data-plan]")
let timer
let asked = 0

async function preview() {
  const turn = ++asked
  let response
  try {
    response = await fetch(form.dataset.preview, {
      method: "POST", body: new FormData(form), credentials: "same-origin", redirect: "error",
    })
  } catch {
    return // no line: the plan stays as it was
  }
  const html = await response.text()
  if (response.ok && turn === asked) plan.innerHTML = html // an older reply must not overtake a newer one
}

form?.addEventListener("input", () => {
  clearTimeout(timer)
  timer = setTimeout(preview, AFTER_TYPING_MS)
})
