// Small pieces of a trial's screen: a button with its key, a line of text.

export function make(tag, className, text = "") {
  return Object.assign(document.createElement(tag), { className, textContent: text })
}

// A button that is one of several: `role` "radio" or "checkbox".
export function choice({ key = "", label, spoken = "", role = "radio" }) {
  const button = make("button", "choice")
  button.type = "button"
  button.setAttribute("role", role)
  button.setAttribute("aria-checked", "false")
  if (spoken) button.setAttribute("aria-label", spoken)
  if (key) button.append(make("kbd", "keycap", key))
  button.append(make("span", "choice__label", label))
  return button
}

export function check(button, on) {
  button.setAttribute("aria-checked", String(on))
}
