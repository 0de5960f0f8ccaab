import type { JsonObject, ResponsePart, ToolCallPart } from '@switchyard/core/contract'
import { extraOf } from '../extra.ts'
import type { JsonDraft } from '../json.ts'
import { encodeFunctionCall } from './function-calls.ts'
import { encodeSpoken, isSpoken, messageBegun, type SpokenPart } from './message-items.ts'
import { dialect } from './names.ts'
import { wholeItem } from './opaque-items.ts'
import { encodeReasoning } from './reasoning-items.ts'

/** The items of an answer, each with an id: its own, or one made of the answer's. */
export function encodeOutput(content: readonly ResponsePart[], answerId: string): JsonObject[] {
  const items: JsonObject[] = []
  let message: JsonDraft | undefined
  let spoken: JsonObject[] = []
  for (const part of content) {
    if (isSpoken(part)) {
      const begun = messageBegun(part)
      if (message === undefined || begun !== undefined) {
        spoken = []
        message = messageItem(begun, spoken, itemId('msg', answerId, items.length))
        items.push(message)
      }
      spoken.push(encodeAnswerPart(part))
      if (part.complete === false) message.status = 'incomplete'
    } else {
      message = undefined
      const item = encodeItem(part, answerId, items.length)
      if (item !== undefined) items.push(item)
    }
  }
  return items
}

/** The id of an item that came without one. */
export function itemId(kind: 'msg' | 'fc' | 'rs', answerId: string, at: number): string {
  return `${kind}_${answerId.replace(/^resp_/, '')}_${at}`
}

export function messageItem(begun: JsonObject | undefined, content: readonly JsonObject[], id: string): JsonDraft {
  const { after: _, asText: __, ...rest } = begun ?? {}
  return { id, type: 'message', status: 'completed', ...rest, role: 'assistant', content }
}

/** A part of the answer's content, with the lists that clients look for. */
export function encodeAnswerPart(part: SpokenPart): JsonObject {
  const encoded = encodeSpoken(part)
  return encoded.type === 'output_text' ? { annotations: [], logprobs: [], ...encoded } : encoded
}

type ItemPart = Exclude<ResponsePart, { readonly type: 'text' }>

function encodeItem(part: ItemPart, answerId: string, at: number): JsonObject | undefined {
  const cut = part.complete === false && { status: 'incomplete' }
  switch (part.type) {
    case 'tool-call':
      return { ...functionCallItem(part, itemId('fc', answerId, at)), ...cut }
    case 'reasoning':
      return { ...reasoningItem(part, itemId('rs', answerId, at)), ...cut }
    case 'opaque':
      return part.origin === dialect ? wholeItem(part.value) : undefined
  }
}

export function functionCallItem(part: ToolCallPart, id: string): JsonObject {
  const { id: own, status } = extraOf(part, dialect)
  return { ...encodeFunctionCall(part, false), id: own ?? id, status: status ?? 'completed' }
}

/** The item of reasoning; another dialect's signature means nothing to who reads this. */
export function reasoningItem(part: ItemPart & { readonly type: 'reasoning' }, id: string): JsonObject {
  const { signature, ...unsigned } = part
  return { id, ...encodeReasoning(part.origin === dialect ? part : unsigned) }
}
