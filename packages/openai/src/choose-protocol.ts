import { type MessageRequest, type ModelFacts, SwitchyardError } from '@switchyard/core/contract'
import type { WireProtocol } from '@switchyard/transport'
import { needsResponses } from './needs-responses.ts'

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
  const ofResponses = request.boundTo?.dialect === responses.dialect || needsResponses(request)
  return refusesTools || ofResponses ? responses : chat
}

function refusesToolsInChat(facts: ModelFacts, request: MessageRequest): boolean {
  const { toolsInChatCompletions, capabilities } = facts
  if (toolsInChatCompletions === undefined || !request.tools?.some(tool => !('type' in tool))) return false
  if (toolsInChatCompletions === 'never') return true
  if (capabilities?.reasoning === false) return false
  // without a word the model does as it usually does, which may be to reason
  return request.reasoningEffort !== 'none' || !takesNoEffort(facts)
}

function takesNoEffort({ toolsInChatCompletions, reasoningEfforts }: ModelFacts): boolean {
  return toolsInChatCompletions !== 'never' && (reasoningEfforts?.includes('none') ?? true)
}

function sayableNowhere(
  provider: string,
  model: string,
  facts: ModelFacts,
  fields: readonly string[],
): SwitchyardError {
  const cure = takesNoEffort(facts) ? ', or set reasoningEffort to "none"' : ''
  const message = `${fields.join(', ')}: only chat completions can say this, and ${model} takes function tools in Responses only. Leave out the one or the other${cure}.`
  return new SwitchyardError('unsupported', message, {
    provider,
    model,
    ...(fields[0] !== undefined && { param: fields[0] }),
  })
}
