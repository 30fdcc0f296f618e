// One control for one plain value: number, text, flag, choice, list or pairs. `onChange(undefined)`: back to the default.

let made = 0

export function control(field, value, { names, none, onChange }) {
  if (field.type === "flag") return flag(field, value, onChange)
  if (field.type === "checks" || (field.type === "names" && names)) return checks(field, value ?? [], names, onChange)
  const input = {
    number: () => number(field, value, onChange),
    choice: () => select(field.options, value, onChange),
    text: () => (names ? reference(names, value, none, onChange) : text(field, value, onChange)),
    names: () => lines(value ?? [], (entries) => onChange(field.numbers ? entries.map(Number) : entries)),
    lines: () => lines((value ?? []).map((row) => row.join(", ")), (rows) => onChange(rows.map(split))),
    pairs: () => pairs(field, value ?? {}, onChange),
  }[field.type]()
  return labelled(field, input)
}

function labelled(field, input) {
  const box = element("div", `field builder__field builder__field--${field.type}`)
  const label = element("label", "", field.label)
  input.id = `builder-${(made += 1)}`
  input.dataset.field = field.name
  label.htmlFor = input.id
  box.append(label, input)
  if (field.help) {
    const help = element("p", "field__help", field.help)
    help.id = `${input.id}-help`
    input.setAttribute("aria-describedby", help.id)
    box.append(help)
  }
  return box
}

function flag(field, value, onChange) {
  const line = element("label", "check builder__flag")
  const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: Boolean(value) })
  box.dataset.field = field.name
  box.addEventListener("change", () => onChange(box.checked))
  line.append(box, element("span", "", field.label))
  return line
}

function checks(field, value, names, onChange) {
  const options = names ? names.map((name) => ({ value: name, label: name })) : field.options
  const group = element("fieldset", "field builder__checks")
  group.dataset.field = field.name
  group.append(element("legend", "", field.label))
  if (field.help) group.append(element("p", "field__help", field.help))
  const boxes = options.map((option) => {
    const line = element("label", "check")
    const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: value.includes(option.value) })
    box.value = option.value
    box.addEventListener("change", () => onChange(boxes.filter(({ checked }) => checked).map((one) => one.value)))
    line.append(box, element("span", "", option.label))
    group.append(line)
    return box
  })
  return group
}

// An empty field is the default; what is no number goes to the server as it stands, which says so.
function number(field, value, onChange) {
  const input = Object.assign(document.createElement("input"), { type: "text", value: value ?? "" })
  input.inputMode = field.whole ? "numeric" : "decimal"
  input.className = "builder__number"
  input.addEventListener("input", () => {
    const typed = input.value.trim().replace(",", ".")
    onChange(typed === "" ? undefined : Number.isFinite(Number(typed)) ? Number(typed) : typed)
  })
  return input
}

function select(options, value, onChange) {
  const input = document.createElement("select")
  input.append(...options.map((option) => new Option(option.label, option.value, false, option.value === value)))
  input.addEventListener("change", () => onChange(input.value))
  return input
}

function reference(names, value, none, onChange) {
  const known = names.includes(value) || !value ? names : [...names, value] // a name that is gone stays visible
  const options = known.map((name) => ({ value: name, label: name }))
  return select(value ? options : [{ value: "", label: none }, ...options], value, onChange)
}

function text(field, value, onChange) {
  const long = ["debriefing"].includes(field.name)
  const input = Object.assign(document.createElement(long ? "textarea" : "input"), { value: value ?? "" })
  if (!long) input.type = "text"
  input.addEventListener("input", () => onChange(input.value))
  return input
}

function lines(entries, onChange) {
  const area = Object.assign(document.createElement("textarea"), { value: entries.join("\n"), rows: Math.max(2, entries.length) })
  area.className = "builder__lines"
  area.addEventListener("input", () => onChange(area.value.split("\n").map((line) => line.trim()).filter(Boolean)))
  return area
}

// "name = value" a line. A table within a table is edited in the text.
function pairs(field, value, onChange) {
  if (field.deep) {
    const area = Object.assign(document.createElement("textarea"), { value: JSON.stringify(value, null, 1), rows: 3, readOnly: true })
    area.className = "builder__lines"
    return area
  }
  const written = Object.entries(value).map(([name, held]) => `${name} = ${held}`)
  return lines(written, (rows) => onChange(Object.fromEntries(rows.map((row) => {
    const at = row.lastIndexOf("=")
    const [name, held] = at < 0 ? [row, ""] : [row.slice(0, at).trim(), row.slice(at + 1).trim()]
    return [name, field.values === "number" && held !== "" && Number.isFinite(Number(held)) ? Number(held) : held]
  }))))
}

function split(row) {
  return row.split(",").map((name) => name.trim()).filter(Boolean)
}

function element(tag, className, text = "") {
  return Object.assign(document.createElement(tag), { className, textContent: text })
}
