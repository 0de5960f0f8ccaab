import type { EmbeddingRequest } from '../contract/embedding.ts'
import type { MessageRequest } from '../contract/request.ts'
import type { Target } from '../engine/target.ts'
import type { StickyOptions } from './sticky-options.ts'

interface Entry {
  readonly target: Target
  readonly at: number
}

type Request = MessageRequest | EmbeddingRequest

/** Which target answered what belongs together: one cache key, one conversation with tool calls. */
export class Affinity {
  readonly #idleMs: number
  readonly #most: number
  readonly #byKey: boolean
  // used longest ago first
  readonly #entries = new Map<string, Entry>()

  constructor(sticky: true | StickyOptions | undefined) {
    const { idleMs = 600_000, entries = 10_000 } = typeof sticky === 'object' ? sticky : {}
    this.#byKey = sticky !== undefined
    this.#idleMs = idleMs
    this.#most = entries
  }

  /** Where it belongs; changes nothing. */
  targetOf(request: Request, now: number): Target | undefined {
    if (this.#entries.size === 0 || !('messages' in request)) return undefined
    const key = this.#keyOf(request)
    return this.#fresh(lastToolCall(request), now) ?? (key === undefined ? undefined : this.#fresh(key, now))
  }

  /** It goes there, or was answered there, and so do those that follow. */
  bind(request: Request, target: Target, now: number, toolCall?: string): void {
    const key = this.#keyOf(request)
    if (key !== undefined) this.#set(key, { target, at: now })
    if (toolCall !== undefined) this.#set(`call ${toolCall}`, { target, at: now })
  }

  #keyOf(request: Request): string | undefined {
    return this.#byKey && 'messages' in request && request.cacheKey !== undefined
      ? `key ${request.cacheKey}`
      : undefined
  }

  #fresh(key: string | undefined, now: number): Target | undefined {
    const entry = key === undefined ? undefined : this.#entries.get(key)
    return entry !== undefined && now - entry.at < this.#idleMs ? entry.target : undefined
  }

  #set(key: string, entry: Entry): void {
    const entries = this.#entries
    entries.delete(key)
    entries.set(key, entry)
    for (const [oldest, { at }] of entries) {
      if (entries.size <= this.#most && entry.at - at < this.#idleMs) return
      entries.delete(oldest)
    }
  }
}

function lastToolCall({ messages }: MessageRequest): string | undefined {
  for (let at = messages.length - 1; at >= 0; at--) {
    const message = messages[at]
    if (message?.role !== 'assistant' || typeof message.content === 'string') continue
    for (const part of message.content) if (part.type === 'tool-call') return `call ${part.id}`
  }
  return undefined
}
