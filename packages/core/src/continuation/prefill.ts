import type { AssistantMessage, AssistantPart } from '../contract/message.ts'
import type { MessageRequest } from '../contract/request.ts'
import { estimatedTokens } from './estimated-tokens.ts'

/** The words that the model is to say once more, in characters: enough to see that it goes on in the same place. */
const shortestOverlap = 12
const longestOverlap = 64

/** A request to go on from a text, and what must come first. */
export interface Prefill {
  readonly request: MessageRequest
  /** The last words of the text, which were left out of what is sent: the answer begins with exactly these. */
  readonly overlap: string
  /** About how much of the answer is in the request. */
  readonly tokens: number
}

/** Asks to go on from `text`; `undefined` where that cannot be asked for such a text, or could not be checked. */
export function prefill(request: MessageRequest, text: string): Prefill | undefined {
  // servers that hold an answer to a format hold what they add to it, so that it begins anew
  const format = request.responseFormat?.type ?? 'text'
  const at = overlapStart(text)
  if (at === undefined || format !== 'text') return undefined
  const overlap = text.slice(at)
  // a model that begins anew must be told from one that goes on
  if (text.startsWith(overlap)) return undefined
  const said = text.slice(0, at)
  const tokens = estimatedTokens(said)
  const { maxOutputTokens } = request
  if (maxOutputTokens !== undefined && maxOutputTokens <= tokens) return undefined
  return {
    overlap,
    tokens,
    request: {
      ...request,
      messages: begun(request.messages, said),
      ...(maxOutputTokens !== undefined && { maxOutputTokens: maxOutputTokens - tokens }),
    },
  }
}

/** Providers want no space at the end of what they go on from: the overlap begins with it. */
function overlapStart(text: string): number | undefined {
  for (let at = text.length - shortestOverlap; at > 0 && at >= text.length - longestOverlap; at--) {
    if (isSpace(text[at]) && !isSpace(text[at - 1])) return at
  }
  return undefined
}

function isSpace(character: string | undefined): boolean {
  return character !== undefined && /\s/.test(character)
}

/** The conversation, ending with what the assistant has said. */
function begun(messages: MessageRequest['messages'], said: string): MessageRequest['messages'] {
  const last = messages.at(-1)
  // the caller's own beginning is gone on with
  if (last?.role !== 'assistant') return [...messages, { role: 'assistant', content: said }]
  return [...messages.slice(0, -1), { ...last, content: longer(last.content, said) }]
}

function longer(content: AssistantMessage['content'], said: string): AssistantMessage['content'] {
  if (typeof content === 'string') return content + said
  const last: AssistantPart | undefined = content.at(-1)
  if (last?.type !== 'text') return [...content, { type: 'text', text: said }]
  return [...content.slice(0, -1), { ...last, text: last.text + said }]
}
