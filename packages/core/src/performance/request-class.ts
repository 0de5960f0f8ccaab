import type { Message, ToolResultPart } from '../contract/message.ts'
import type { MessageRequest } from '../contract/request.ts'

type Content = Message['content'] | ToolResultPart['content']

const charactersPerToken = 4
const sizes = [4, 16, 64]

/**
 * Names the requests that may be expected to wait alike: by the size of the prompt, the effort asked for, and whether a
 * tool may be called, whose arguments some providers keep back until they are whole.
 */
export function requestClass(request: MessageRequest): string {
  let characters = 0
  for (const { content } of request.messages) characters += length(content)
  const thousands = characters / charactersPerToken / 1_000
  const size = sizes.find(most => thousands < most)
  const effort = request.reasoningEffort === undefined ? '' : `, effort ${request.reasoningEffort}`
  const tools = request.tools !== undefined && request.tools.length > 0 ? ', tools' : ''
  return `${size === undefined ? 'from 64k' : `under ${size}k`} tokens${effort}${tools}`
}

// what is not text counts little here: a guess at pictures would be wrong for one provider or the other
function length(content: Content): number {
  if (typeof content === 'string') return content.length
  let characters = 0
  for (const part of content) {
    if (part.type === 'text' || part.type === 'reasoning') characters += part.text.length
    else if (part.type === 'tool-result') characters += length(part.content)
  }
  return characters
}
