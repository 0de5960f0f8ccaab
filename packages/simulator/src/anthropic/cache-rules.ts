import { isObject, isSet, type Json } from '../json-value.ts'
import { InvalidRequest, objectAt, onlyFields, wordAt } from './refusal.ts'

const most = 4

/** @throws {InvalidRequest} when what marks the end of a cached prefix is malformed. */
export function checkCacheControl(value: unknown, path: string): void {
  if (!isSet(value)) return
  const control = objectAt(value, `${path}.cache_control`)
  onlyFields(control, ['type', 'ttl'], `${path}.cache_control.ephemeral`)
  wordAt(control.type, ['ephemeral'], `${path}.cache_control.type`)
  if (isSet(control.ttl)) wordAt(control.ttl, ['5m', '1h'], `${path}.cache_control.ephemeral.ttl`)
}

/** @throws {InvalidRequest} when there are too many marks, or a longer lifetime stands behind a shorter one. */
export function checkBreakpoints(body: Json): void {
  const lifetimes = promptBlocks(body).flatMap(({ lifetime }) => lifetime ?? [])
  if (lifetimes.length > most) {
    const message = `A maximum of ${most} blocks with cache_control may be provided. Found ${lifetimes.length}.`
    throw new InvalidRequest('', message)
  }
  const short = lifetimes.indexOf('5m')
  if (short >= 0 && lifetimes.includes('1h', short)) {
    const message =
      "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. Note that blocks are processed in the following order: `tools`, `system`, `messages`."
    throw new InvalidRequest('', message)
  }
}

/** One thing that a prompt is made of, in the order in which it is cached. */
export interface PromptBlock {
  readonly value: unknown
  /** How long what ends with it is to be kept. */
  readonly lifetime?: string
}

/** Everything in a prompt: tools, system, messages. */
export function promptBlocks(body: Json): readonly PromptBlock[] {
  const messages = Array.isArray(body.messages) ? body.messages.filter(isObject) : []
  const values = [
    ...(Array.isArray(body.tools) ? body.tools : []),
    ...contentBlocks(body.system),
    ...messages.flatMap(message => contentBlocks(message.content)),
  ]
  const blocks = values.map(value => promptBlock(value))
  const last = blocks.pop()
  if (last === undefined) return blocks
  // the request's own mark stands at its end
  const whole = lifetimeOf(body.cache_control)
  return [...blocks, whole === undefined ? last : { ...last, lifetime: whole }]
}

function promptBlock(value: unknown): PromptBlock {
  const lifetime = isObject(value) ? lifetimeOf(value.cache_control) : undefined
  return lifetime === undefined ? { value } : { value, lifetime }
}

function contentBlocks(content: unknown): readonly unknown[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  return Array.isArray(content) ? content : []
}

function lifetimeOf(control: unknown): string | undefined {
  if (!isObject(control)) return undefined
  return typeof control.ttl === 'string' ? control.ttl : '5m'
}
