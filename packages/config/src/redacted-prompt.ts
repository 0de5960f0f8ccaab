import type { EmbeddingRequest, Message, MessageRequest } from '@switchyard/core'
import { redact, shorten } from '@switchyard/dialects'

const longest = 4_000
const address = /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}.-]+\.\p{L}{2,}/gu
// accounts, cards, telephones: five digits or more, however they are grouped
const number = /\+?\d(?:[ ./()-]{0,2}\d){4,}/g

/** What was asked, for the ledger: its text alone, without addresses, long numbers and credentials, and cut. */
export function redactedPrompt(request: MessageRequest | EmbeddingRequest): string {
  const texts = 'messages' in request ? request.messages.map(messageText) : request.input
  // what is cut need not be searched; but no secret is cut in two before it is found
  const clean = redact(texts.join('\n').slice(0, 2 * longest))
    .replace(address, '[address]')
    .replace(number, '[number]')
  return shorten(clean, longest)
}

function messageText({ role, content }: Message): string {
  return `${role}: ${partsText(content)}`
}

function partsText(content: Message['content'] | string): string {
  if (typeof content === 'string') return content
  const texts: string[] = []
  for (const part of content) {
    if (part.type === 'text') texts.push(part.text)
    else if (part.type === 'tool-result') texts.push(partsText(part.content as Message['content']))
    else texts.push(`[${part.type}]`)
  }
  return texts.join(' ')
}
