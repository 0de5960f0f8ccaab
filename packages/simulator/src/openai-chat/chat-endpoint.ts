import { isSwitchyardError, type MessageRequest } from '@switchyard/core/contract'
import { decodeRequest } from '@switchyard/dialects/openai-chat'
import { type AcceptedRequest, seedOf, thinkingTokens } from '../accepted-request.ts'
import type { ErrorWording } from '../error-wording.ts'
import { serverSentComment, serverSentEvent, serverSentHeaders } from '../framing.ts'
import { generatedAnswer } from '../generated-answer.ts'
import { isObject, type Json } from '../json-value.ts'
import type { OpenAIAccount } from '../openai/openai-account.ts'
import type { ChatFlavour } from '../openai/openai-flavour.ts'
import { InvalidRequest } from '../openai/refusal.ts'
import type { Reply, StreamSpelling } from '../reply.ts'
import type { Endpoint, ReceivedRequest } from '../simulated-api.ts'
import type { SimulatedModel } from '../simulated-model.ts'
import { hasStep } from '../step-lookup.ts'
import type { Completion } from './completion.ts'
import { checkMessages } from './message-rules.ts'
import { checkParameters } from './parameter-rules.ts'
import { promptTokens } from './prompt-tokens.ts'
import { eventWithError, streamedAnswer } from './streamed-answer.ts'
import { checkTools } from './tool-rules.ts'
import { wholeAnswer } from './whole-answer.ts'

/** OpenAI's chat completions. */
export function chatEndpoint(account: OpenAIAccount): Endpoint {
  return { method: 'POST', path: account.path('chat/completions'), answer: request => answer(request, account) }
}

async function answer({ id, body, steps }: ReceivedRequest, account: OpenAIAccount): Promise<Reply> {
  if (!isObject(body)) throw new InvalidRequest(400, 'The body of your request must be a JSON object.')
  const model = account.model(body.model, 'answers')
  if (model.dimensions !== undefined) {
    const message = 'This is not a chat model and thus not supported in the v1/chat/completions endpoint.'
    throw new InvalidRequest(404, message, 'model')
  }
  const { chat } = account.flavour
  const accepted = acceptedRequest(body, model, chat)
  account.take({ inputTokens: accepted.inputTokens, outputTokens: outputCap(body) ?? 0 }, accepted.modelName)
  const generated = await generatedAnswer(accepted, { reply: account.reply, steps })
  const completion: Completion = {
    ...generated,
    id: `chatcmpl-${generated.seed}`,
    created: Math.floor(Date.now() / 1_000),
    chat,
    thinkingField: chat.thinkingField(body) ?? chat.scriptedThinkingField,
    tellsUsage: !hasStep(steps, 'no-usage'),
    requestId: id,
    logprobs: body.logprobs === true,
    topLogprobs: typeof body.top_logprobs === 'number' ? body.top_logprobs : 0,
    marked: account.marked,
  }
  const { billing } = generated
  if (body.stream !== true) {
    const headers = { 'content-type': 'application/json' }
    return { status: 200, headers, pieces: wholeAnswer(completion), billing }
  }
  const wanted = (body.stream_options ?? {}) as { include_usage?: boolean; include_obfuscation?: boolean }
  const pieces = streamedAnswer(completion, {
    usage: wanted.include_usage === true && completion.tellsUsage,
    obfuscation: chat.padded && wanted.include_obfuscation !== false,
    wholeCalls: hasStep(steps, 'whole-tool-calls'),
    callIndex: !hasStep(steps, 'tool-calls-without-index'),
  })
  return { status: 200, headers: serverSentHeaders, pieces, stream: spelling(completion, account), billing }
}

function spelling(completion: Completion, { flavour }: OpenAIAccount): StreamSpelling {
  const { chat, requestId } = completion
  const inEvent = (error: ErrorWording) => serverSentEvent(flavour.errorBody(error, requestId))
  const inField = (error: ErrorWording) => eventWithError(completion, chat.errorField?.(error, requestId) ?? {})
  return {
    event: serverSentEvent,
    error: (error, shape) => (shape === 'field' && chat.errorField ? inField(error) : inEvent(error)),
    comment: serverSentComment,
  }
}

/** @throws {InvalidRequest} when OpenAI would refuse it. */
function acceptedRequest(body: Json, model: SimulatedModel, chat: ChatFlavour): AcceptedRequest {
  checkParameters(body, model, chat)
  checkMessages(body.messages)
  checkTools(body)
  const inputTokens = promptTokens(body)
  const window = model.contextWindow ?? 128_000
  const cap = outputCap(body)
  if (inputTokens + (cap ?? 1) > window) throw tooLong(window, inputTokens, cap)
  const usual = model.reasoning === true ? 'medium' : 'none'
  const effort = typeof body.reasoning_effort === 'string' ? body.reasoning_effort : usual
  return {
    request: readRequest(body),
    model,
    modelName: String(body.model),
    inputTokens,
    maxTokens: Math.min(cap ?? model.maxOutputTokens ?? 16_384, window - inputTokens),
    choices: typeof body.n === 'number' ? body.n : 1,
    thinking: { tokens: thinkingTokens(effort), shown: chat.thinkingField(body) !== undefined },
    prefill: 'ignored',
    prefillRefusal,
    seed: seedOf(body.messages),
  }
}

function outputCap(body: Json): number | undefined {
  const cap = body.max_completion_tokens ?? body.max_tokens
  return typeof cap === 'number' ? cap : undefined
}

function tooLong(window: number, inputTokens: number, cap: number | undefined): InvalidRequest {
  const wanted =
    cap === undefined
      ? `your messages resulted in ${inputTokens} tokens`
      : `you requested ${inputTokens + cap} tokens (${inputTokens} in the messages, ${cap} in the completion)`
  const message = `This model's maximum context length is ${window} tokens. However, ${wanted}. Please reduce the length of the messages or completion.`
  return new InvalidRequest(400, message, 'messages', 'context_length_exceeded')
}

function prefillRefusal(): InvalidRequest {
  const message =
    'This model does not support assistant message prefill. The conversation must end with a user message.'
  return new InvalidRequest(400, message, 'messages')
}

function readRequest(body: Json): MessageRequest {
  try {
    return decodeRequest(body)
  } catch (error) {
    if (!isSwitchyardError(error)) throw error
    throw new InvalidRequest(400, error.message, error.param ?? null)
  }
}
