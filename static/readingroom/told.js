// The reader's own answer of the part before, as one line.

// own: {question: value}; specs: Map of every question that this case has asked so far
export function ownAnswer(own, specs, words) {
  const parts = Object.entries(own ?? {}).map(([name, value]) => said(value, specs.get(name)?.kind, words))
  return parts.length ? words.say("own", { answer: parts.filter(Boolean).join(" · ") }) : ""
}

function said(value, kind, words) {
  if (kind === "confidence") return words.say("sure", { n: value * 100 })
  if (typeof value === "boolean") return words.say(value ? "yes" : "no")
  if (Array.isArray(value)) return value.join(", ")
  if (kind === "action") return words.say(`action_${value}`)
  return typeof value === "object" ? "" : String(value) // a rectangle is not said in a line
}
