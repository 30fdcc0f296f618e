// The design editor: a form over plain values, the same values as text, and the plan that they mean. The server checks.

import { Builder } from "./builder.js";

const AFTER_TYPING_MS = 300

const form = document.querySelector("form[data-preview]")
const plan = document.querySelector("[data-plan]")
const text = form.querySelector("[data-text]")
const words = Object.fromEntries(
  [...document.getElementById("builder-words").content.querySelectorAll("[data-word]")]
    .map((entry) => [entry.dataset.word, entry.textContent]),
)
let timer
let asked = 0

const builder = new Builder({
  root: form.querySelector("[data-builder]"),
  schema: JSON.parse(document.getElementById("design-schema").textContent),
  values: JSON.parse(document.getElementById("design-values").textContent),
  frozen: "frozen" in form.dataset,
  words,
  onChange: (values) => later({ values }),
})

text.addEventListener("input", () => later({ text: text.value }))
// What was typed last may still wait for its text.
form.addEventListener("submit", async (event) => {
  if (!timer) return
  event.preventDefault()
  clearTimeout(timer)
  timer = null
  await check({ values: builder.values })
  form.submit()
})

function later(sent) {
  clearTimeout(timer)
  timer = setTimeout(() => {
    timer = null
    check(sent)
  }, AFTER_TYPING_MS)
  if ("text" in sent) form.dataset.typed = "text"
}

async function check(sent) {
  const turn = ++asked
  let response
  try {
    response = await fetch(form.dataset.preview, {
      method: "POST",
      body: JSON.stringify(sent),
      headers: { "Content-Type": "application/json", "X-CSRFToken": form.querySelector("[name=csrfmiddlewaretoken]").value },
      credentials: "same-origin",
      redirect: "error",
    })
  } catch {
    return // no line: the plan stays as it was
  }
  if (!response.ok || turn !== asked) return // an older reply must not overtake a newer one
  const reply = await response.json()
  plan.innerHTML = reply.plan
  if ("values" in sent) text.value = reply.text
  else if (reply.values) builder.show(reply.values)
}
