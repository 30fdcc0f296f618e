// Writes <time datetime="..." data-local> in the person's own zone and manner; without scripts the server's UTC stands.
const language = document.documentElement.lang
const whole = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "short" })
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone

for (const time of document.querySelectorAll("time[data-local]")) {
  time.textContent = whole.format(new Date(time.dateTime))
  time.title = zone
}
