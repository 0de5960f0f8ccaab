import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Config } from '@switchyard/config'
import { HttpError } from './errors.ts'

type KeyConfig = NonNullable<Config['keys']>[number]

/** Who asks, and what that lets them do. */
export interface Caller {
  /** The key's name; absent where the gateway has no keys. */
  readonly name?: string
  /** The chains it may ask; absent: all, and every model. */
  readonly chains?: ReadonlySet<string>
  /** Carried by all its requests. */
  readonly tags: readonly string[]
  /** It may read the usage of others, see how targets stand, and stop them. */
  readonly admin: boolean
}

const anyone: Caller = { tags: [], admin: true }

/** Tells callers apart by their keys, of which it knows the hashes alone. */
export class Callers {
  readonly #keys: readonly { readonly hash: Buffer; readonly caller: Caller }[]

  constructor(keys: readonly KeyConfig[] = []) {
    this.#keys = keys.map(key => ({
      hash: Buffer.from(key.hash.replace(/^sha256:/, ''), 'hex'),
      caller: callerOf(key),
    }))
  }

  /** There are no keys: whoever reaches the gateway may use it. */
  get open(): boolean {
    return this.#keys.length === 0
  }

  /** @throws {HttpError} 401 without a key that is known. */
  identify(headers: IncomingHttpHeaders): Caller {
    if (this.open) return anyone
    const presented = keyIn(headers)
    if (presented === undefined)
      throw unauthorized('The request has no key; send the header authorization: Bearer <key>.')
    const hash = createHash('sha256').update(presented).digest()
    let found: Caller | undefined
    // all of them, each in constant time: how long it takes tells nothing
    for (const key of this.#keys) if (timingSafeEqual(hash, key.hash)) found = key.caller
    if (found === undefined) throw unauthorized('This gateway does not know the key of this request.')
    return found
  }
}

function callerOf({ name, chains, tags = [], admin = false }: KeyConfig): Caller {
  return { name, tags, admin, ...(chains && { chains: new Set(chains) }) }
}

function keyIn(headers: IncomingHttpHeaders): string | undefined {
  const bearer = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1]
  // as clients of Anthropic send it
  const other = headers['x-api-key']
  return bearer ?? (typeof other === 'string' && other !== '' ? other : undefined)
}

function unauthorized(message: string): HttpError {
  return new HttpError(401, 'invalid_api_key', message, { 'www-authenticate': 'Bearer' })
}
