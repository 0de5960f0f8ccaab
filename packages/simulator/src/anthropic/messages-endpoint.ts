import { type AcceptedRequest, seedOf } from '../accepted-request.ts'
import { serverSentComment, serverSentEvent, serverSentHeaders } from '../framing.ts'
import { generatedAnswer } from '../generated-answer.ts'
import type { Json } from '../json-value.ts'
import type { Reply, StreamSpelling } from '../reply.ts'
import type { Endpoint, ReceivedRequest } from '../simulated-api.ts'
import type { SimulatedModel } from '../simulated-model.ts'
import { hasStep } from '../step-lookup.ts'
import { type AnthropicAccount, bodyOf, versionOf } from './anthropic-account.ts'
import { errorBody } from './error-wording.ts'
import type { MadeMessage } from './made-message.ts'
import { promptTokens } from './prompt-tokens.ts'
import { readRequest } from './read-request.ts'
import { InvalidRequest } from './refusal.ts'
import { checkRequest } from './request-rules.ts'
import { streamedMessage } from './streamed-message.ts'
import { thinkingOf } from './thinking-rules.ts'
import { wholeMessage } from './whole-message.ts'

/** Anthropic's messages. */
export function messagesEndpoint(account: AnthropicAccount): Endpoint {
  return { method: 'POST', path: /^\/v1\/messages$/, answer: request => answer(request, account) }
}

async function answer(received: ReceivedRequest, account: AnthropicAccount): Promise<Reply> {
  const { steps } = received
  const version = versionOf(received)
  const body = bodyOf(received)
  const model = account.model(body.model)
  checkRequest(body, model, version)
  const accepted = acceptedRequest(body, model)
  account.take({ inputTokens: accepted.inputTokens, outputTokens: accepted.maxTokens })
  const cached = { ...accepted, cache: account.prefixes.use(body) }
  const generated = await generatedAnswer(cached, { reply: account.reply, steps })
  const message: MadeMessage = {
    ...generated,
    omitted: thinkingOf(body, model).omitted,
    tellsUsage: !hasStep(steps, 'no-usage'),
    marked: account.marked,
  }
  const { billing } = generated
  if (body.stream !== true) {
    const headers = { 'content-type': 'application/json' }
    return { status: 200, headers, pieces: wholeMessage(message), billing }
  }
  const stream: StreamSpelling = {
    event: text => serverSentEvent(text, 'content_block_delta'),
    error: error => serverSentEvent(errorBody(error, received.id), 'error'),
    comment: serverSentComment,
  }
  return { status: 200, headers: serverSentHeaders, pieces: streamedMessage(message), stream, billing }
}

function acceptedRequest(body: Json, model: SimulatedModel): AcceptedRequest {
  const inputTokens = promptTokens(body)
  const window = model.contextWindow ?? 200_000
  if (inputTokens >= window) {
    throw new InvalidRequest('', `prompt is too long: ${inputTokens} tokens > ${window} maximum`)
  }
  const cap = body.max_tokens as number
  const seed = seedOf(body.messages)
  return {
    request: readRequest(body),
    model,
    modelName: String(body.model),
    inputTokens,
    maxTokens: Math.min(cap, window - inputTokens),
    cutBy: cap > window - inputTokens ? 'context-length' : 'length',
    thinking: { tokens: thinkingOf(body, model).tokens, shown: true },
    prefill: 'refused',
    prefillRefusal,
    seed,
    callId: (_, index) => `toolu_sim_${seed}_${index}`,
    cacheLifetime: '5m',
  }
}

function prefillRefusal(): InvalidRequest {
  const message =
    'This model does not support assistant message prefill. The conversation must end with a user message.'
  return new InvalidRequest('', message)
}
