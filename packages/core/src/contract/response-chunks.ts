import type { MessageChunk } from './chunk.ts'
import type { MessageResponse, ResponsePart } from './response.ts'

/** The chunks of an answer that arrived whole, as a stream would have told it. */
export function responseChunks(response: MessageResponse): MessageChunk[] {
  const { content, reason, rawReason, stopSequence, usage, billed, otherChoices, extra, ...start } = response
  const chunks: MessageChunk[] = [{ type: 'start', ...start, ...(extra && { extra }) }]
  let id = 0
  for (const part of content) pushBlock(chunks, part, id++, 0)
  for (const other of otherChoices ?? []) {
    for (const part of other.content) pushBlock(chunks, part, id++, other.choice)
  }
  chunks.push({
    type: 'finish',
    reason,
    ...(rawReason !== undefined && { rawReason }),
    ...(stopSequence !== undefined && { stopSequence }),
    ...(usage && { usage }),
    ...(billed && { billed }),
    ...(otherChoices && { otherChoices: otherChoices.map(({ content: _, ...finish }) => finish) }),
  })
  return chunks
}

function pushBlock(chunks: MessageChunk[], part: ResponsePart, id: number, choice: number): void {
  const extra = 'extra' in part ? part.extra : undefined
  const start = { id, ...(choice > 0 && { choice }), ...(extra && { extra }) }
  const end = { id, complete: part.complete !== false }
  switch (part.type) {
    case 'text':
      chunks.push({ type: 'text-start', ...start, ...(part.refusal && { refusal: true }) })
      if (part.text !== '') chunks.push({ type: 'text-delta', id, text: part.text })
      chunks.push({ type: 'text-end', ...end })
      return
    case 'reasoning':
      chunks.push({ type: 'reasoning-start', ...start, origin: part.origin })
      if (part.text !== '') chunks.push({ type: 'reasoning-delta', id, text: part.text })
      chunks.push({
        type: 'reasoning-end',
        ...end,
        ...(part.signature !== undefined && { signature: part.signature }),
      })
      return
    case 'tool-call': {
      const text = part.invalid === undefined ? JSON.stringify(part.input) : part.invalid.text
      chunks.push({ type: 'tool-call-start', ...start, callId: part.id, name: part.name })
      if (text !== '') chunks.push({ type: 'tool-call-delta', id, text })
      chunks.push(
        part.invalid === undefined
          ? { type: 'tool-call-end', ...end, input: part.input }
          : { type: 'tool-call-end', ...end, invalid: part.invalid },
      )
      return
    }
    case 'opaque':
      chunks.push({ type: 'opaque-start', ...start, origin: part.origin, value: part.value })
      chunks.push({ type: 'opaque-end', ...end })
      return
  }
}
