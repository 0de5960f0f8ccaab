import type { Message, ToolResultPart } from '../contract/message.ts'
import type { MessageRequest } from '../contract/request.ts'

type Content = Message['content'] | ToolResultPart['content']

// a token is some four characters
const sizes = [
  { most: 16_000, name: 'under 4k tokens', withTools: 'under 4k tokens, tools' },
  { most: 64_000, name: 'under 16k tokens', withTools: 'under 16k tokens, tools' },
  { most: 256_000, name: 'under 64k tokens', withTools: 'under 64k tokens, tools' },
  { most: Number.POSITIVE_INFINITY, name: 'from 64k tokens', withTools: 'from 64k tokens, tools' },
] as const

/**
 * Names the requests that may be expected to wait alike: by the size of the prompt, the effort asked for, and whether a
 * tool may be called, whose arguments some providers keep back until they are whole.
 */
export function requestClass({ messages, tools, reasoningEffort }: MessageRequest): string {
  let characters = 0
  for (const { content } of messages) characters += length(content)
  const { name, withTools } = sizes.find(({ most }) => characters < most) ?? sizes[0]
  const plain = tools === undefined || tools.length === 0 ? name : withTools
  return reasoningEffort === undefined ? plain : `${plain}, effort ${reasoningEffort}`
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
