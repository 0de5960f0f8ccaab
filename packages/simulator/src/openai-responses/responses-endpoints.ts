import { isSwitchyardError, type MessageRequest } from '@switchyard/core/contract'
import { decodeRequest } from '@switchyard/dialects/openai-responses'
import { type AcceptedRequest, seedOf, thinkingTokens } from '../accepted-request.ts'
import type { ErrorWording } from '../error-wording.ts'
import { serverSentComment, serverSentEvent, serverSentHeaders } from '../framing.ts'
import { generatedAnswer } from '../generated-answer.ts'
import { shownReasoningTokens } from '../generation.ts'
import { isObject, isSet, type Json } from '../json-value.ts'
import type { OpenAIAccount } from '../openai/openai-account.ts'
import { InvalidRequest, invalidType, missingParameter } from '../openai/refusal.ts'
import { jsonReply, type Reply, type StreamSpelling } from '../reply.ts'
import type { Endpoint, ReceivedRequest } from '../simulated-api.ts'
import type { SimulatedModel } from '../simulated-model.ts'
import { hasStep } from '../step-lookup.ts'
import { checkInput } from './input-rules.ts'
import { type MadeResponse, madeItems, responseBody, wholeItem } from './made-response.ts'
import { checkCountedParameters, checkParameters } from './parameter-rules.ts'
import { promptTokens } from './prompt-tokens.ts'
import { StoredResponses } from './stored-responses.ts'
import { streamedResponse } from './streamed-response.ts'
import { checkTools } from './tool-rules.ts'

/** OpenAI's Responses, and how many tokens an input to them has. */
export function responsesEndpoints(account: OpenAIAccount): readonly Endpoint[] {
  const stored = new StoredResponses()
  return [
    { method: 'POST', path: account.path('responses'), answer: request => answer(request, account, stored) },
    {
      method: 'POST',
      path: account.path('responses/input_tokens'),
      answer: request => count(request, account, stored),
    },
  ]
}

async function answer(
  { body: sent, steps }: ReceivedRequest,
  account: OpenAIAccount,
  stored: StoredResponses,
): Promise<Reply> {
  const [body, model] = asked(sent, account)
  checkParameters(body, model)
  const items = conversation(body, stored)
  checkTools(body)
  const accepted = acceptedRequest(body, items, model)
  const cap = typeof body.max_output_tokens === 'number' ? body.max_output_tokens : 0
  account.take({ inputTokens: accepted.inputTokens, outputTokens: cap }, accepted.modelName)
  const generated = await generatedAnswer(accepted, { reply: account.reply, steps })
  const made: MadeResponse = {
    generated,
    id: `resp_${generated.seed}`,
    created: Math.floor(Date.now() / 1_000),
    body,
    items: madeItems(generated),
    tellsUsage: !hasStep(steps, 'no-usage'),
    marked: account.marked,
  }
  if (body.store !== false) stored.keep(made.id, [...items, ...made.items.map(wholeItem)])
  const { billing } = generated
  if (body.stream !== true) {
    const [choice] = generated.choices
    const text = JSON.stringify(responseBody(made))
    const piece = {
      text,
      role: 'content',
      tokens: choice.tokens,
      reasoningTokens: shownReasoningTokens(choice),
    } as const
    return { status: 200, headers: { 'content-type': 'application/json' }, pieces: [piece], billing }
  }
  const padded = !isObject(body.stream_options) || body.stream_options.include_obfuscation !== false
  return { status: 200, headers: serverSentHeaders, pieces: streamedResponse(made, padded), stream: spelling, billing }
}

function count({ body: sent }: ReceivedRequest, account: OpenAIAccount, stored: StoredResponses): Reply {
  const [body, model] = asked(sent, account)
  checkCountedParameters(body, model)
  const items = conversation(body, stored)
  checkTools(body)
  const input_tokens = promptTokens(body, items)
  return jsonReply({ object: 'response.input_tokens', input_tokens, ...(account.marked && { simulated: true }) })
}

// production sends it within `error`, with the headers that a refusal would have had
const spelling: StreamSpelling = {
  event: serverSentEvent,
  error: ({ message, type, code = null, param = null, headers }: ErrorWording) => {
    const error = { type, code, message, param, ...(headers && { headers }) }
    return serverSentEvent(JSON.stringify({ type: 'error', sequence_number: 1, error }), 'error')
  },
  comment: serverSentComment,
}

function asked(body: unknown, account: OpenAIAccount): readonly [Json, SimulatedModel] {
  if (!isObject(body)) throw new InvalidRequest(400, 'The body of your request must be a JSON object.')
  const model = account.model(body.model, 'answers')
  if (model.dimensions === undefined) return [body, model]
  const message = `The requested model '${model.id}' cannot be used with the Responses API.`
  throw new InvalidRequest(400, message, 'model', 'model_not_found')
}

/** All items that the model is to go on from: those that are kept, and those that are sent. */
function conversation(body: Json, stored: StoredResponses): readonly unknown[] {
  const { input, previous_response_id: previous } = body
  const kept = typeof previous === 'string' ? stored.conversation(previous) : []
  if (!isSet(input)) {
    if (kept.length === 0) throw missingParameter('input')
    return kept
  }
  if (typeof input === 'string') return [...kept, { role: 'user', content: input }]
  if (!Array.isArray(input)) throw invalidType('input', 'one of an array of objects or string', input)
  if (input.length === 0 && kept.length === 0) {
    throw new InvalidRequest(400, "Invalid 'input': empty array. Expected at least one item.", 'input', 'empty_array')
  }
  const items = [...kept, ...input]
  checkInput(items, body.store === false, kept.length)
  return items
}

/** @throws {InvalidRequest} when OpenAI would refuse it. */
function acceptedRequest(body: Json, items: readonly unknown[], model: SimulatedModel): AcceptedRequest {
  const inputTokens = promptTokens(body, items)
  const window = model.contextWindow ?? 128_000
  const cap = typeof body.max_output_tokens === 'number' ? body.max_output_tokens : undefined
  if (inputTokens + (cap ?? 1) > window) {
    const message = 'Your input exceeds the context window of this model. Please adjust your input and try again.'
    throw new InvalidRequest(400, message, 'input', 'context_length_exceeded')
  }
  const reasoning = isObject(body.reasoning) ? body.reasoning : {}
  const usual = model.reasoning === true ? 'medium' : 'none'
  const effort = typeof reasoning.effort === 'string' ? reasoning.effort : usual
  return {
    request: readRequest(body, items),
    model,
    modelName: String(body.model),
    inputTokens,
    maxTokens: Math.min(cap ?? model.maxOutputTokens ?? 16_384, window - inputTokens),
    thinking: { tokens: thinkingTokens(effort), shown: isSet(reasoning.summary) },
    prefill: 'ignored',
    prefillRefusal: () => new InvalidRequest(400, 'The conversation must end with a user message.', 'input'),
    seed: seedOf([items, body.instructions]),
    cacheLifetime: '30m',
  }
}

function readRequest(body: Json, items: readonly unknown[]): MessageRequest {
  const { previous_response_id: _, ...rest } = body
  try {
    return decodeRequest({ ...rest, input: items })
  } catch (error) {
    if (!isSwitchyardError(error)) throw error
    throw new InvalidRequest(400, error.message, error.param ?? null)
  }
}
