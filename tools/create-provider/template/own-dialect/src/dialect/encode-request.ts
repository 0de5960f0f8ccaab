import {
  type JsonObject,
  type Message,
  type MessageRequest,
  type ModelFacts,
  SwitchyardError,
  type Warning,
} from '@switchyard/core/contract'
import { Dropped, type JsonDraft, refuseForeign } from '@switchyard/dialects/building-blocks'
import { dialect } from './dialect-name.ts'

interface EncodeOptions {
  readonly model: string
  readonly stream: boolean
  readonly facts: ModelFacts
  readonly strict: boolean
}

// not yet done: what the wire has words for belongs into the body
const leftOut = [
  'topP',
  'frequencyPenalty',
  'presencePenalty',
  'seed',
  'tools',
  'toolChoice',
  'parallelToolCalls',
  'responseFormat',
  'reasoningEffort',
  'metadata',
] as const

/**
 * The body of a request for an answer, and what could not go into it.
 * @throws {SwitchyardError} `unsupported` for what must not be left out; when strict, for all that would be.
 */
export function encodeRequest(
  request: MessageRequest,
  { model, stream, facts, strict }: EncodeOptions,
): { readonly body: JsonObject; readonly warnings: readonly Warning[] } {
  refuseForeign(request, dialect)
  const dropped = new Dropped(model, strict)
  const { maxOutputTokens, temperature, stop } = request
  const messages = request.messages.map((message, index) => encodeMessage(message, `messages[${index}]`, dropped))
  const body: JsonDraft = { model, messages, stream }
  if (maxOutputTokens !== undefined) body.max_tokens = maxOutputTokens
  if (temperature !== undefined) {
    if (facts.capabilities?.temperature === false) dropped.add('temperature', 'the model does not take it')
    else body.temperature = temperature
  }
  if (stop !== undefined) {
    if (facts.capabilities?.stop === false) dropped.add('stop', 'the model does not take it')
    else body.stop = stop
  }
  for (const setting of leftOut) if (request[setting] !== undefined) dropped.add(setting, 'this is not sent yet')
  return { body, warnings: dropped.warnings }
}

function encodeMessage({ role, content }: Message, place: string, dropped: Dropped): JsonObject {
  if (typeof content === 'string') return { role, text: content }
  let text = ''
  for (const [index, part] of content.entries()) {
    const at = `${place}.content[${index}]`
    if (part.type === 'text') text += part.text
    else if (part.type === 'tool-call' || part.type === 'tool-result')
      throw new SwitchyardError('unsupported', `${at}: tools are not sent yet.`, { param: at })
    else dropped.add(at, `a part of type "${part.type}" is not sent yet`)
  }
  return { role, text }
}
