import { serverSentEvent } from '../framing.ts'
import type { Json } from '../json-value.ts'
import type { ReplyPiece } from '../reply.ts'
import { type MadeItem, type MadePart, type MadeResponse, responseBody, wholeItem, wholePart } from './made-response.ts'

/** The events of an answer that was asked for as a stream. */
export function streamedResponse(made: MadeResponse, padded: boolean): readonly ReplyPiece[] {
  const events = new Events(padded)
  events.add('response.created', { response: responseBody(made, true) })
  events.add('response.in_progress', { response: responseBody(made, true) })
  for (const [index, item] of made.items.entries()) streamItem(item, index, events)
  const response = responseBody(made)
  events.add(`response.${response.status}`, { response }, 'terminator')
  return events.pieces
}

class Events {
  readonly pieces: ReplyPiece[] = []
  readonly #padded: boolean

  constructor(padded: boolean) {
    this.#padded = padded
  }

  add(type: string, fields: Json, role: ReplyPiece['role'] = 'content'): void {
    this.#push(type, fields, { role, tokens: 0 })
  }

  /** One token of the answer. */
  token(type: string, fields: Json, reasoning = false): void {
    const padding = this.#padded ? { obfuscation: 'r4N7vQ2mp9K3xW5z'.slice(0, (this.pieces.length * 7) % 16) } : {}
    this.#push(type, { ...fields, ...padding }, { role: 'content', tokens: 1, reasoningTokens: reasoning ? 1 : 0 })
  }

  #push(type: string, fields: Json, piece: Omit<ReplyPiece, 'text'>): void {
    const event = { type, sequence_number: this.pieces.length, ...fields }
    this.pieces.push({ ...piece, text: serverSentEvent(JSON.stringify(event), type) })
  }
}

function streamItem(item: MadeItem, output_index: number, events: Events): void {
  const whole = wholeItem(item)
  events.add('response.output_item.added', { output_index, item: begunItem(item, whole) })
  const place = { item_id: item.id, output_index }
  if (item.type === 'reasoning') streamSummary(item.pieces, place, events)
  else if (item.type === 'message') {
    for (const [index, part] of item.parts.entries()) streamPart(part, { ...place, content_index: index }, events)
  } else {
    for (const delta of item.pieces) events.token('response.function_call_arguments.delta', { ...place, delta })
    const { name, arguments: text } = whole
    events.add('response.function_call_arguments.done', { ...place, name, arguments: text })
  }
  events.add('response.output_item.done', { output_index, item: whole })
}

function begunItem(item: MadeItem, whole: Json): Json {
  if (item.type === 'reasoning') return { id: item.id, type: 'reasoning', summary: [] }
  if (item.type === 'message') return { ...whole, status: 'in_progress', content: [] }
  return { ...whole, status: 'in_progress', arguments: '' }
}

function streamSummary(pieces: readonly string[], place: Json, events: Events): void {
  if (pieces.length === 0) return
  const at = { ...place, summary_index: 0 }
  const part = (text: string) => ({ type: 'summary_text', text })
  events.add('response.reasoning_summary_part.added', { ...at, part: part('') })
  for (const delta of pieces) events.token('response.reasoning_summary_text.delta', { ...at, delta }, true)
  const text = pieces.join('')
  events.add('response.reasoning_summary_text.done', { ...at, text })
  events.add('response.reasoning_summary_part.done', { ...at, part: part(text) })
}

function streamPart(part: MadePart, at: Json, events: Events): void {
  const whole = wholePart(part)
  const empty = wholePart({ ...part, pieces: [] })
  events.add('response.content_part.added', { ...at, part: empty })
  if (part.type === 'refusal') {
    for (const delta of part.pieces) events.token('response.refusal.delta', { ...at, delta })
    events.add('response.refusal.done', { ...at, refusal: whole.refusal })
  } else {
    for (const delta of part.pieces) events.token('response.output_text.delta', { ...at, delta, logprobs: [] })
    events.add('response.output_text.done', { ...at, text: whole.text, logprobs: [] })
  }
  events.add('response.content_part.done', { ...at, part: whole })
}
