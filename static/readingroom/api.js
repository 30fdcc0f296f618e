// Sends what the reading room has to say, and keeps an answer until the server has settled it.

const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 8000
const GIVE_UP_MS = 10000 // one attempt; a dead line must not hold the next attempt back

// The server understood and said no. `code` is for us, `message` is for the person.
export class Problem extends Error {
  constructor({ status, code, message, outcome }) {
    super(message)
    Object.assign(this, { status, code, outcome })
  }
}

// Nothing came back, or a server in trouble: the same request may be sent again.
export class Unreachable extends Error {}

export class Api {
  #base
  #reader
  #token
  #store
  #words

  constructor({ base, reader, token, words, store = localStorage }) {
    this.#base = base
    this.#reader = reader
    this.#token = token
    this.#words = words
    this.#store = store
  }

  next({ onRetry }) {
    return this.#until("next", {}, onRetry)
  }

  start({ trial, lease }) {
    return this.#post(`trial/${trial}/start`, { lease })
  }

  // Not awaited by anyone: a lost message costs the reader nothing, the server's cap stands.
  shown({ trial, lease }, onsetMethod) {
    this.#post(`trial/${trial}/shown`, { lease, onset_method: onsetMethod }, { keepalive: true }).catch(() => {})
  }

  // The AI output that does not come with the image -> {aid}
  aid({ trial, lease }) {
    return this.#post(`trial/${trial}/aid`, { lease })
  }

  // The same body, and so the same key, goes out until the server settles it.
  async submit(trial, body, { onRetry }) {
    this.#keep({ trial, body })
    try {
      const reply = await this.#until(`trial/${trial}/submit`, body, onRetry)
      this.#forget()
      return reply
    } catch (problem) {
      if (!isSignedOut(problem)) this.#forget()
      throw problem
    }
  }

  // What an earlier visit could not send: {trial, body} or null.
  unsent() {
    try {
      return JSON.parse(this.#store.getItem(this.#place))
    } catch {
      return null
    }
  }

  get #place() {
    return `dermino.unsent.${this.#reader}.${this.#base}` // two readers may share a device
  }

  #keep(answer) {
    try {
      this.#store.setItem(this.#place, JSON.stringify(answer))
    } catch {
      // A full or forbidden store: the answer stays in memory and is sent all the same.
    }
  }

  #forget() {
    try {
      this.#store.removeItem(this.#place)
    } catch {
      // As above.
    }
  }

  async #until(path, body, onRetry) {
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
      try {
        return await this.#post(path, body)
      } catch (error) {
        if (!(error instanceof Unreachable)) throw error
        onRetry()
        await lineOrTime(wait)
      }
    }
  }

  async #post(path, body, options = {}) {
    const response = await this.#send(path, body, options)
    if (response.status === 204) return null
    const content = await response.json().catch(() => ({}))
    if (response.ok) return content
    if (response.status >= 500 || response.status === 429) throw new Unreachable(`${path}: ${response.status}`)
    throw new Problem({
      status: response.status,
      code: content.code ?? "refused",
      message: content.message ?? this.#words.say("refused", { status: response.status }),
      outcome: content.outcome,
    })
  }

  async #send(path, body, options) {
    try {
      return await fetch(this.#base + path, {
        method: "POST",
        credentials: "same-origin",
        redirect: "error", // a redirect to a sign-in page is no reply
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": this.#token },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(GIVE_UP_MS),
        ...options,
      })
    } catch (error) {
      throw new Unreachable(`${path}: ${error.message}`)
    }
  }
}

// A refused CSRF token means the same for the person: this page belongs to an earlier sign-in.
export function isSignedOut(problem) {
  return problem instanceof Problem && (problem.status === 401 || problem.status === 403)
}

function lineOrTime(ms) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      removeEventListener("online", done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    addEventListener("online", done)
  })
}
