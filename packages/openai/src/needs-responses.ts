import type { Message, MessageRequest, ToolResultPart } from '@switchyard/core/contract'

type Part = Exclude<Message['content'], string>[number]

const chat = 'openai-chat'
const responses = 'openai-responses'

/** Whether a request holds what only Responses take: parts of an answer from there, or media that chat refuses. */
export function needsResponses({ messages, tools = [] }: MessageRequest): boolean {
  if (tools.some(tool => 'type' in tool && tool.origin === responses)) return true
  return messages.some(({ content }) => typeof content !== 'string' && content.some(isOfResponses))
}

function isOfResponses(part: Part): boolean {
  switch (part.type) {
    case 'reasoning':
    case 'opaque':
      return part.origin === responses
    case 'image':
      // both dialects of an account speak of the same files, and chat takes no image of them
      return part.source.type === 'file' && (part.source.origin === responses || part.source.origin === chat)
    case 'document':
      return part.source.type === 'url' || (part.source.type === 'file' && part.source.origin === responses)
    case 'tool-result':
      return holdsMedia(part)
    default:
      return false
  }
}

function holdsMedia({ content }: ToolResultPart): boolean {
  return typeof content !== 'string' && content.some(({ type }) => type === 'image' || type === 'document')
}
