import { createHash } from 'node:crypto'
import type { Json } from '../json-value.ts'
import { promptBlocks } from './cache-rules.ts'
import { blockTokens } from './prompt-tokens.ts'

/** What of a prompt the cache held, and what was added to it. */
export interface CacheUse {
  readonly cachedTokens: number
  readonly cacheWriteTokens: Readonly<Record<string, number>>
}

const limit = 1_000

/** The prefixes that this account has had cached. They never expire, and may be as short as you like. */
export class CachedPrefixes {
  readonly #known = new Set<string>()

  /** Reads the longest known prefix before the last mark, and writes what the marks behind it add. */
  use(body: Json): CacheUse {
    const blocks = promptBlocks(body)
    const end = blocks.findLastIndex(block => block.lifetime !== undefined) + 1
    const hash = createHash('sha256').update(String(body.model))
    let cacheWriteTokens: Record<string, number> = {}
    let cachedTokens = 0
    let tokens = 0
    for (const { value, lifetime } of blocks.slice(0, end)) {
      hash.update(JSON.stringify(value, withoutMarks))
      tokens += blockTokens(value)
      const key = hash.copy().digest('base64')
      if (this.#known.has(key)) {
        cachedTokens = tokens
        cacheWriteTokens = {}
      } else if (lifetime !== undefined) {
        const before = Object.values(cacheWriteTokens).reduce((sum, each) => sum + each, cachedTokens)
        cacheWriteTokens[lifetime] = (cacheWriteTokens[lifetime] ?? 0) + tokens - before
        this.#remember(key)
      }
    }
    return { cachedTokens, cacheWriteTokens }
  }

  #remember(key: string): void {
    if (this.#known.size >= limit) this.#known.clear()
    this.#known.add(key)
  }
}

function withoutMarks(field: string, value: unknown): unknown {
  return field === 'cache_control' ? undefined : value
}
