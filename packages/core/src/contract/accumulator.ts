import type { FinishChunk, MessageChunk, StartChunk } from './chunk.ts'
import { SwitchyardError } from './errors.ts'
import type { DialectExtra, JsonValue } from './message.ts'
import type { MessageResponse, PartialResponse, ResponsePart } from './response.ts'

interface OpenBlock {
  readonly choice: number
  readonly at: number
  readonly start: MessageChunk
  text: string
  extra: DialectExtra | undefined
  values: JsonValue[]
}

/** Builds a whole answer of its chunks. */
export class ResponseAccumulator {
  #start: StartChunk | undefined
  #finish: FinishChunk | undefined
  readonly #choices = new Map<number, (ResponsePart | undefined)[]>()
  readonly #open = new Map<number, OpenBlock>()

  add(chunk: MessageChunk): void {
    switch (chunk.type) {
      case 'text-delta':
      case 'reasoning-delta':
      case 'tool-call-delta': {
        const block = this.#block(chunk.id)
        block.text += chunk.text
        if (chunk.extra !== undefined) block.extra = mergeExtra(block.extra, chunk.extra)
        return
      }
      case 'opaque-delta':
        this.#block(chunk.id).values.push(chunk.value)
        return
      case 'text-start':
      case 'reasoning-start':
      case 'tool-call-start':
      case 'opaque-start': {
        const choice = chunk.choice ?? 0
        const parts = this.#parts(choice)
        this.#open.set(chunk.id, { choice, at: parts.length, start: chunk, text: '', extra: chunk.extra, values: [] })
        parts.push(undefined)
        return
      }
      case 'text-end':
      case 'reasoning-end':
      case 'tool-call-end':
      case 'opaque-end': {
        const block = this.#block(chunk.id)
        this.#open.delete(chunk.id)
        const part = closedPart(block, chunk)
        this.#parts(block.choice)[block.at] = part
        return
      }
      case 'start':
        this.#start = chunk
        return
      case 'finish':
        this.#finish = chunk
        return
      case 'target':
        if (this.#start !== undefined) this.#start = { ...this.#start, model: chunk.model }
        return
      case 'ping':
        return
    }
  }

  /** @throws when the answer has not finished. */
  response(): MessageResponse {
    const finish = this.#finish
    if (finish === undefined) throw new SwitchyardError('truncated', 'The answer is not finished.')
    const { type: _, otherChoices, extra: __, ...end } = finish
    return {
      ...this.partial(),
      ...end,
      ...(otherChoices && {
        otherChoices: otherChoices.map(other => ({ ...other, content: this.#content(other.choice) })),
      }),
    }
  }

  /** What has arrived so far, open blocks included as incomplete. */
  partial(): PartialResponse {
    const { type: _, extra: startExtra, ...start } = this.#start ?? { type: 'start', model: '' }
    const extra = mergeExtra(startExtra, this.#finish?.extra)
    return { ...start, content: this.#content(0), ...(extra && { extra }) }
  }

  #content(choice: number): ResponsePart[] {
    const parts = [...this.#parts(choice)]
    for (const block of this.#open.values()) {
      if (block.choice === choice) parts[block.at] = closedPart(block, undefined)
    }
    return parts.filter(part => part !== undefined)
  }

  #parts(choice: number): (ResponsePart | undefined)[] {
    let parts = this.#choices.get(choice)
    if (parts === undefined) {
      parts = []
      this.#choices.set(choice, parts)
    }
    return parts
  }

  #block(id: number): OpenBlock {
    const block = this.#open.get(id)
    if (block === undefined) throw new SwitchyardError('protocol', `Block ${id} was never started.`)
    return block
  }
}

function mergeExtra(first: DialectExtra | undefined, second: DialectExtra | undefined): DialectExtra | undefined {
  if (first === undefined) return second
  if (second === undefined) return first
  const merged = { ...first }
  for (const [dialect, fields] of Object.entries(second)) {
    const known = merged[dialect] ?? {}
    const joined: Record<string, JsonValue | undefined> = { ...known }
    for (const [key, value] of Object.entries(fields)) joined[key] = joinValue(known[key], value)
    merged[dialect] = joined
  }
  return merged
}

// lists that arrive in pieces (logprobs, annotations) are one list in the whole answer
function joinValue(first: JsonValue | undefined, second: JsonValue | undefined): JsonValue | undefined {
  if (Array.isArray(first) && Array.isArray(second)) return [...first, ...second]
  if (isObject(first) && isObject(second)) {
    const joined: Record<string, JsonValue | undefined> = { ...first }
    for (const [key, value] of Object.entries(second)) joined[key] = joinValue(first[key], value)
    return joined
  }
  return second
}

function isObject(value: JsonValue | undefined): value is { readonly [key: string]: JsonValue | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function closedPart(block: OpenBlock, end: MessageChunk | undefined): ResponsePart | undefined {
  const cut = end === undefined || ('complete' in end && !end.complete)
  const extra = mergeExtra(block.extra, end !== undefined && 'extra' in end ? end.extra : undefined)
  const tail = { ...(extra && { extra }), ...(cut && { complete: false as const }) }
  switch (block.start.type) {
    case 'text-start':
      return { type: 'text', text: block.text, ...(block.start.refusal && { refusal: true as const }), ...tail }
    case 'reasoning-start': {
      const signature = end?.type === 'reasoning-end' ? end.signature : undefined
      return {
        type: 'reasoning',
        text: block.text,
        origin: block.start.origin,
        ...(signature !== undefined && { signature }),
        ...tail,
      }
    }
    case 'tool-call-start': {
      const call = { type: 'tool-call' as const, id: block.start.callId, name: block.start.name }
      if (end?.type === 'tool-call-end' && end.input !== undefined) return { ...call, input: end.input, ...tail }
      const invalid =
        end?.type === 'tool-call-end' && end.invalid !== undefined
          ? end.invalid
          : { text: block.text, reason: 'the call was cut short' }
      return { ...call, invalid, ...tail }
    }
    case 'opaque-start': {
      const value = block.values.length === 0 ? block.start.value : [block.start.value, ...block.values]
      return { type: 'opaque', origin: block.start.origin, value, ...(cut && { complete: false as const }) }
    }
    default:
      return undefined
  }
}
