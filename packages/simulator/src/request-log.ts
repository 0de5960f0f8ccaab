/** What the simulated provider saw of one request. Times are milliseconds since 1970, with fractions. */
export interface LoggedRequest {
  /** The id it was answered with. */
  readonly id: string
  readonly method: string
  /** With its query; a key in it masked. */
  readonly path: string
  /** The key masked. */
  readonly headers: Readonly<Record<string, string>>
  /** Whether the key was the right one. */
  readonly keyOk: boolean
  /** Parsed where it is JSON, else its text; absent where there was none. */
  readonly body?: unknown
  readonly receivedAt: number
  /** Of the answer; absent when none was sent. */
  readonly status?: number
  readonly headersSentAt?: number
  /** When the simulator was done with it, whoever ended it. */
  readonly finishedAt?: number
  /** When the client closed the socket before the end. */
  readonly closedByClientAt?: number
  /** Bytes of the body that were written. */
  readonly bytesSent: number
}

export type OpenRequest = { -readonly [K in keyof LoggedRequest]: LoggedRequest[K] }

/** The newest requests, at most `limit`. */
export class RequestLog {
  readonly #requests: OpenRequest[] = []
  readonly #limit: number
  readonly #waiting = new Set<() => void>()

  constructor(limit: number) {
    this.#limit = Math.max(1, limit)
  }

  get requests(): readonly LoggedRequest[] {
    return this.#requests
  }

  add(request: OpenRequest): void {
    if (this.#requests.length >= this.#limit) this.#requests.splice(0, Math.ceil(this.#limit / 10))
    this.#requests.push(request)
    this.changed()
  }

  changed(): void {
    for (const check of [...this.#waiting]) check()
  }

  clear(): void {
    this.#requests.length = 0
  }

  /** @throws when it has not come about in time. */
  wait<T>(find: () => T | undefined, what: string, timeoutMs: number): Promise<T> {
    const found = find()
    if (found !== undefined) return Promise.resolve(found)
    return new Promise((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer)
        this.#waiting.delete(check)
      }
      const check = () => {
        const value = find()
        if (value === undefined) return
        settle()
        resolve(value)
      }
      const timer = setTimeout(() => {
        settle()
        reject(new Error(`Waited ${timeoutMs} ms for ${what}.`))
      }, timeoutMs)
      this.#waiting.add(check)
    })
  }
}

/** Milliseconds since 1970, with fractions. */
export function now(): number {
  return performance.timeOrigin + performance.now()
}

/** `Bearer sk-a...`: enough to see which key, too little to use it. */
export function maskedCredential(value: string): string {
  const [scheme, secret] = value.includes(' ') ? value.split(' ', 2) : ['', value]
  return `${scheme === '' ? '' : `${scheme} `}${(secret ?? '').slice(0, 4)}...`
}
