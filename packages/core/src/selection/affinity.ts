import type { Clock } from '../clock/clock.ts'
import type { EmbeddingRequest } from '../contract/embedding.ts'
import { SwitchyardError } from '../contract/errors.ts'
import type { CallContext } from '../contract/provider.ts'
import type { MessageRequest } from '../contract/request.ts'
import type { Target } from '../engine/target.ts'
import type { StickyOptions } from './sticky-options.ts'

interface Entry {
  readonly target: Target
  readonly at: number
}

type Request = MessageRequest | EmbeddingRequest

/** Whose request it is. */
type Caller = Pick<CallContext, 'principal'>

/** Which target answered what belongs together: one caller's cache key, one conversation of his that calls tools. */
export class Affinity {
  readonly #clock: Clock
  readonly #idleMs: number
  readonly #most: number
  readonly #byKey: boolean
  // used longest ago first
  readonly #entries = new Map<string, Entry>()

  constructor(clock: Clock, sticky: true | StickyOptions | undefined) {
    const { idleMs = 600_000, entries = 10_000 } = typeof sticky === 'object' ? sticky : {}
    if (!(idleMs > 0 && entries >= 1)) {
      const message = 'What is sticky needs an idleMs above 0, in milliseconds, and at least one of entries.'
      throw new SwitchyardError('invalid-request', message, { param: 'sticky' })
    }
    this.#clock = clock
    this.#byKey = sticky !== undefined
    this.#idleMs = idleMs
    this.#most = entries
  }

  /** Where it belongs; changes nothing. */
  targetOf(request: Request, caller: Caller): Target | undefined {
    if (this.#entries.size === 0 || !('messages' in request)) return undefined
    return this.#target(toolCallKey(lastToolCall(request), caller)) ?? this.#target(this.#keyOf(request, caller))
  }

  /** It goes there, or was answered there, and so do those that follow. */
  bind(request: Request, caller: Caller, target: Target, toolCall?: string): void {
    this.#set(this.#keyOf(request, caller), target)
    this.#set(toolCallKey(toolCall, caller), target)
  }

  #keyOf(request: Request, caller: Caller): string | undefined {
    if (!this.#byKey || !('messages' in request) || request.cacheKey === undefined) return undefined
    return `key ${ownedBy(caller, request.cacheKey)}`
  }

  #target(key: string | undefined): Target | undefined {
    const entry = key === undefined ? undefined : this.#entries.get(key)
    return entry && this.#clock.monotonic() - entry.at < this.#idleMs ? entry.target : undefined
  }

  #set(key: string | undefined, target: Target): void {
    if (key === undefined || key.length > longestKey) return
    const entries = this.#entries
    const now = this.#clock.monotonic()
    entries.delete(key)
    entries.set(key, { target, at: now })
    for (const [oldest, { at }] of entries) {
      if (entries.size <= this.#most && now - at < this.#idleMs) return
      entries.delete(oldest)
    }
  }
}

/** Providers take none that are longer, and memory is bounded. */
const longestKey = 512

function toolCallKey(id: string | undefined, caller: Caller): string | undefined {
  return id === undefined ? undefined : `call ${ownedBy(caller, id)}`
}

// with the length of the first, no two of them are written alike
function ownedBy({ principal = '' }: Caller, name: string): string {
  return `${principal.length} ${principal}${name}`
}

function lastToolCall({ messages }: MessageRequest): string | undefined {
  for (let at = messages.length - 1; at >= 0; at--) {
    const message = messages[at]
    if (message?.role !== 'assistant' || typeof message.content === 'string') continue
    for (const part of message.content) if (part.type === 'tool-call') return part.id
  }
  return undefined
}
