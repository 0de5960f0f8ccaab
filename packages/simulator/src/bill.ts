import type { Billing } from './reply.ts'

/** What the simulated provider charges for one request. */
export interface BillEntry {
  /** The id it was answered with. */
  readonly requestId: string
  readonly model: string
  /** All of the prompt, tokens read from the cache and written to it included. */
  readonly inputTokens: number
  readonly cachedTokens: number
  /** By lifetime: `{ '5m': 200 }`. */
  readonly cacheWriteTokens: Readonly<Record<string, number>>
  /** Messages of the prompt that were left out without a word, as an Ollama does; absent where all were read. */
  readonly leftOutMessages?: number
  /** What was made until the end, or until the request broke; reasoning included. */
  readonly outputTokens: number
  readonly reasoningTokens: number
  /** Still going on, finished, or broken off by either side. */
  readonly state: 'open' | 'complete' | 'aborted'
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** The account kept of one request while it is answered. */
export interface OpenAccount {
  /** So many more tokens, of which so many were reasoning. */
  made(tokens: number, reasoningTokens: number): void
  /** Tokens made so far. */
  readonly tokens: number
  settle(state: 'complete' | 'aborted'): void
}

/** The simulated provider's own account: every request that was accepted, aborted ones too. */
export class Bill {
  readonly #entries: Mutable<BillEntry>[] = []
  readonly #limit: number
  #input = 0
  #output = 0
  #requests = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** The newest entries, as many as the log keeps. */
  get entries(): readonly BillEntry[] {
    return this.#entries
  }

  /** Sums over all requests, also those no longer kept. */
  get totals(): { readonly requests: number; readonly inputTokens: number; readonly outputTokens: number } {
    return { requests: this.#requests, inputTokens: this.#input, outputTokens: this.#output }
  }

  open(requestId: string, billing: Billing): OpenAccount {
    const { model, inputTokens, cachedTokens = 0, cacheWriteTokens = {}, leftOutMessages, hiddenTokens = 0 } = billing
    const leftOut = leftOutMessages !== undefined && { leftOutMessages }
    const prompt = { model, inputTokens, cachedTokens, cacheWriteTokens, ...leftOut }
    const entry: Mutable<BillEntry> = { requestId, ...prompt, outputTokens: 0, reasoningTokens: 0, state: 'open' }
    if (this.#entries.length >= this.#limit) this.#entries.splice(0, Math.ceil(this.#limit / 10))
    this.#entries.push(entry)
    this.#requests++
    this.#input += inputTokens
    let hidden = hiddenTokens
    return {
      made: (tokens, reasoningTokens) => {
        // hidden reasoning comes before anything that can be seen
        entry.reasoningTokens += reasoningTokens + hidden
        entry.outputTokens += tokens + hidden
        this.#output += tokens + hidden
        hidden = 0
      },
      get tokens() {
        return entry.outputTokens
      },
      settle: state => {
        if (entry.state === 'open') entry.state = state
      },
    }
  }

  clear(): void {
    this.#entries.length = 0
    this.#input = this.#output = this.#requests = 0
  }
}
