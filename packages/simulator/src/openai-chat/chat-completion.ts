import { createHash } from 'node:crypto'
import { isSwitchyardError, type MessageRequest } from '@switchyard/core/contract'
import { openaiChat } from '@switchyard/dialects'
import type { ReplyFunction, SimulatedAnswer } from '../answer.ts'
import type { Step } from '../fault.ts'
import { type GeneratedChoice, generate } from '../generation.ts'
import { spokenAnswer } from '../model-voice.ts'
import type { Reply } from '../reply.ts'
import { findStep, hasStep } from '../step-lookup.ts'
import type { Completion } from './completion.ts'
import { checkMessages } from './message-rules.ts'
import type { SimulatedModel } from './models.ts'
import { checkParameters } from './parameter-rules.ts'
import { promptTokens } from './prompt-tokens.ts'
import { type Json, RequestRefusal } from './refusal.ts'
import { streamedAnswer } from './streamed-answer.ts'
import { checkTools } from './tool-rules.ts'
import { wholeAnswer } from './whole-answer.ts'

/** A chat request that passed every rule. */
export interface AcceptedRequest {
  readonly body: Json
  readonly model: SimulatedModel
  readonly request: MessageRequest
  readonly inputTokens: number
  /** The most that may be made, reasoning included. */
  readonly maxTokens: number
}

/** @throws {RequestRefusal} when the simulated provider would refuse it. */
export function acceptedRequest(body: Json, model: SimulatedModel): AcceptedRequest {
  checkParameters(body, model)
  checkMessages(body.messages)
  checkTools(body)
  const inputTokens = promptTokens(body)
  const window = model.contextWindow ?? 128_000
  const cap = body.max_completion_tokens ?? body.max_tokens
  const wanted = inputTokens + (typeof cap === 'number' ? cap : 1)
  if (wanted > window) throw tooLong(window, inputTokens, typeof cap === 'number' ? cap : undefined)
  const most = typeof cap === 'number' ? cap : (model.maxOutputTokens ?? 16_384)
  return { body, model, request: readRequest(body), inputTokens, maxTokens: Math.min(most, window - inputTokens) }
}

function tooLong(window: number, inputTokens: number, cap: number | undefined): RequestRefusal {
  const wanted =
    cap === undefined
      ? `your messages resulted in ${inputTokens} tokens`
      : `you requested ${inputTokens + cap} tokens (${inputTokens} in the messages, ${cap} in the completion)`
  const message = `This model's maximum context length is ${window} tokens. However, ${wanted}. Please reduce the length of the messages or completion.`
  return new RequestRefusal(400, message, 'messages', 'context_length_exceeded')
}

function readRequest(body: Json): MessageRequest {
  try {
    return openaiChat.decodeRequest(body)
  } catch (error) {
    if (!isSwitchyardError(error)) throw error
    throw new RequestRefusal(400, error.message, error.param ?? null)
  }
}

export interface AnsweringOptions {
  readonly reply: string | SimulatedAnswer | ReplyFunction | undefined
  readonly marked: boolean
  readonly steps: readonly Step[]
}

/** What the model answers to an accepted request. @throws {RequestRefusal} when it refuses a prefill. */
export async function completionReply(accepted: AcceptedRequest, options: AnsweringOptions): Promise<Reply> {
  const { body, model, inputTokens } = accepted
  const { steps, marked } = options
  const answer = continued(await chosenAnswer(accepted, options), accepted, steps)
  const reasoningTokens = Math.min(hiddenTokens(body, model), accepted.maxTokens)
  const choices = allChoices(answer, accepted, accepted.maxTokens - reasoningTokens)
  const cachedTokens = Math.min(answer.cachedTokens ?? 0, inputTokens)
  const visible = choices.reduce((sum, choice) => sum + choice.tokens, 0)
  const completion: Completion = {
    id: `chatcmpl-${fingerprint(body)}`,
    created: Math.floor(Date.now() / 1_000),
    model: String(body.model),
    choices,
    usage: { inputTokens, cachedTokens, reasoningTokens, outputTokens: reasoningTokens + visible },
    logprobs: body.logprobs === true,
    topLogprobs: typeof body.top_logprobs === 'number' ? body.top_logprobs : 0,
    marked,
  }
  const billing = { model: completion.model, inputTokens, cachedTokens, reasoningTokens }
  const usage = !hasStep(steps, 'no-usage')
  if (body.stream !== true) {
    const headers = { 'content-type': 'application/json' }
    return { status: 200, headers, pieces: wholeAnswer(completion, usage), streamed: false, billing }
  }
  const wanted = (body.stream_options ?? {}) as { include_usage?: boolean; include_obfuscation?: boolean }
  const callIndex = !hasStep(steps, 'tool-calls-without-index')
  const pieces = streamedAnswer(completion, {
    usage: wanted.include_usage === true && usage,
    obfuscation: wanted.include_obfuscation !== false,
    wholeCalls: hasStep(steps, 'whole-tool-calls'),
    callIndex,
  })
  const headers = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' }
  return { status: 200, headers, pieces, streamed: true, billing }
}

async function chosenAnswer(accepted: AcceptedRequest, options: AnsweringOptions): Promise<SimulatedAnswer> {
  const { steps, reply } = options
  const voice = () => spokenAnswer(accepted.request, String(accepted.body.model))
  const other = findStep(steps, 'other-text')
  if (other !== undefined) {
    return { type: 'answer', text: other.text ?? `Said otherwise, and as simulated: ${voice().text ?? ''}` }
  }
  const scripted = findStep(steps, 'answer')
  if (scripted !== undefined) return says(scripted) ? scripted : { ...voice(), ...scripted }
  const said = typeof reply === 'function' ? await reply(accepted.request) : reply
  if (typeof said === 'string') return { type: 'answer', text: said }
  return said ?? voice()
}

function says(answer: SimulatedAnswer): boolean {
  return [answer.text, answer.pieces, answer.reasoning, answer.refusal, answer.toolCalls].some(
    part => part !== undefined,
  )
}

function continued(answer: SimulatedAnswer, accepted: AcceptedRequest, steps: readonly Step[]): SimulatedAnswer {
  const prefill = prefillOf(accepted.request)
  if (prefill === undefined) return answer
  const behaviour = findStep(steps, 'prefill')?.behaviour ?? accepted.model.prefill ?? 'ignored'
  if (behaviour === 'refused') {
    const message =
      'This model does not support assistant message prefill. The conversation must end with a user message.'
    throw new RequestRefusal(400, message, 'messages')
  }
  if (behaviour === 'ignored' || answer.toolCalls !== undefined) return answer
  const { pieces, ...rest } = answer
  const whole = pieces?.join('') ?? answer.text ?? ''
  return whole.startsWith(prefill) ? { ...rest, text: whole.slice(prefill.length) } : answer
}

function prefillOf(request: MessageRequest): string | undefined {
  const last = request.messages.at(-1)
  if (last?.role !== 'assistant') return undefined
  if (typeof last.content === 'string') return last.content
  return last.content.map(part => (part.type === 'text' ? part.text : '')).join('')
}

function allChoices(answer: SimulatedAnswer, accepted: AcceptedRequest, maxTokens: number): GeneratedChoice[] {
  const { body, request } = accepted
  const count = typeof body.n === 'number' ? body.n : 1
  const seed = fingerprint(body)
  const choices: GeneratedChoice[] = []
  for (let choice = 0; choice < count; choice++) {
    const said = choice === 0 ? answer : (answer.otherChoices?.[choice - 1] ?? answer)
    const callId = (index: number) => `call_${seed}${choice}_${index}`
    choices.push(generate(said, { maxTokens, stop: request.stop ?? [], callId }))
  }
  return choices
}

const hiddenByEffort: Readonly<Record<string, number>> = { none: 0, minimal: 8, low: 16, medium: 64, high: 256 }

function hiddenTokens(body: Json, model: SimulatedModel): number {
  const usual = model.reasoning === true ? 'medium' : 'none'
  const effort = typeof body.reasoning_effort === 'string' ? body.reasoning_effort : usual
  return hiddenByEffort[effort] ?? 512
}

// the same conversation gets the same ids, streamed or not
function fingerprint(body: Json): string {
  return createHash('sha256').update(JSON.stringify(body.messages)).digest('hex').slice(0, 20)
}
