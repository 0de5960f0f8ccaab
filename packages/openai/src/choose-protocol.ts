import { type MessageRequest, type ModelFacts, SwitchyardError } from '@switchyard/core/contract'
import type { WireProtocol } from '@switchyard/transport'

/** Which of OpenAI's APIs answers messages. */
export type OpenAIApi = 'auto' | 'chat-completions' | 'responses'

interface Protocols {
  readonly chat: WireProtocol
  readonly responses: WireProtocol
}

/**
 * The protocol that a request is sent in: chat completions, unless the model takes its tools only in Responses, or the
 * request says what only Responses understand.
 * @throws {SwitchyardError} `unsupported` for a request that each of them would refuse.
 */
export function chosenProtocol(
  { chat, responses }: Protocols,
  provider: string,
  model: string,
  facts: ModelFacts,
  request: MessageRequest,
): WireProtocol {
  const refusesTools = refusesToolsInChat(facts, request)
  if (request.boundTo?.dialect === chat.dialect) {
    if (refusesTools) throw sayableNowhere(provider, model, facts, request.boundTo.fields)
    return chat
  }
  const ofResponses = request.boundTo?.dialect === responses.dialect || holdsPartsOf(responses.dialect, request)
  return refusesTools || ofResponses ? responses : chat
}

function refusesToolsInChat({ toolsInChatCompletions, capabilities }: ModelFacts, request: MessageRequest): boolean {
  if (toolsInChatCompletions === undefined || !request.tools?.some(tool => !('type' in tool))) return false
  if (toolsInChatCompletions === 'never') return true
  // without a word the model does as it usually does, which may be to reason
  return request.reasoningEffort === undefined ? capabilities?.reasoning !== false : request.reasoningEffort !== 'none'
}

/** A conversation that began in a dialect goes on there, where its reasoning is understood. */
function holdsPartsOf(dialect: string, { messages, tools = [] }: MessageRequest): boolean {
  if (tools.some(tool => 'type' in tool && tool.origin === dialect)) return true
  return messages.some(
    ({ content }) => typeof content !== 'string' && content.some(part => 'origin' in part && part.origin === dialect),
  )
}

function sayableNowhere(
  provider: string,
  model: string,
  { toolsInChatCompletions }: ModelFacts,
  fields: readonly string[],
): SwitchyardError {
  const cure = toolsInChatCompletions === 'never' ? '' : ', or set reasoningEffort to "none"'
  const message = `${fields.join(', ')}: only chat completions can say this, and ${model} takes function tools in Responses only. Leave out the one or the other${cure}.`
  return new SwitchyardError('unsupported', message, {
    provider,
    model,
    ...(fields[0] !== undefined && { param: fields[0] }),
  })
}
