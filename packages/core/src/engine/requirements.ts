import type { CapabilityName, ModelCapabilities } from '../contract/capabilities.ts'
import type { Message, ToolResultPart } from '../contract/message.ts'
import type { MessageRequest } from '../contract/request.ts'
import type { SelectionReason } from '../selection/selection-policy.ts'

type Content = Message['content'] | ToolResultPart['content']

/** What a request cannot do without, and for which nothing can stand in. */
export interface Requirements {
  readonly capabilities: readonly CapabilityName[]
  readonly boundTo: MessageRequest['boundTo']
  /** Of all its text. */
  readonly characters: number
}

/** No text of people or programs has more characters for each token. */
const mostCharactersPerToken = 8

/** What this request needs of whoever answers it. */
export function requirements(request: MessageRequest): Requirements {
  const capabilities: CapabilityName[] = []
  const needs = (name: CapabilityName): void => {
    if (!capabilities.includes(name)) capabilities.push(name)
  }
  if (request.tools !== undefined && request.tools.length > 0) needs('tools')
  if (request.responseFormat?.type === 'json') needs('json')
  if (request.responseFormat?.type === 'json-schema') needs('jsonSchema')
  let characters = 0
  const look = (content: Content): void => {
    if (typeof content === 'string') {
      characters += content.length
      return
    }
    for (const part of content) {
      if (part.type === 'text') characters += part.text.length
      else if (part.type === 'image') needs('images')
      else if (part.type === 'audio') needs('audio')
      else if (part.type === 'document') needs('documents')
      else if (part.type === 'tool-result') look(part.content)
    }
  }
  for (const message of request.messages) look(message.content)
  return { capabilities, boundTo: request.boundTo, characters }
}

/** Why a model cannot take a request; `undefined` when it can, or may. */
export function missing(needs: Requirements, has: ModelCapabilities): SelectionReason | undefined {
  for (const name of needs.capabilities) {
    if (has[name] === false) return unsupported(`it does not support ${capabilityWords[name] ?? name}`)
  }
  const bound = needs.boundTo
  if (bound !== undefined && has.dialect !== undefined && has.dialect !== bound.dialect) {
    const fields = bound.fields.map(field => `"${field}"`).join(', ')
    return unsupported(`it does not speak ${bound.dialect}, which alone can say ${fields}`)
  }
  const { contextWindow } = has
  const least = Math.ceil(needs.characters / mostCharactersPerToken)
  if (contextWindow === undefined || least <= contextWindow) return undefined
  return {
    code: 'context-length',
    message: `the request has ${least} tokens at the very least, and its context window ${contextWindow}`,
    data: { leastInputTokens: least, contextWindow },
  }
}

function unsupported(message: string): SelectionReason {
  return { code: 'unsupported', message }
}

const capabilityWords: Partial<Record<CapabilityName, string>> = {
  json: 'JSON mode',
  jsonSchema: 'a JSON schema for its answer',
}
