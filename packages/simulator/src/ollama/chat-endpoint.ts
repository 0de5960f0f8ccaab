import { isSwitchyardError, type MessageRequest } from '@switchyard/core/contract'
import { decodeRequest } from '@switchyard/dialects/ollama-chat'
import { type AcceptedRequest, seedOf, thinkingTokens } from '../accepted-request.ts'
import { generatedAnswer } from '../generated-answer.ts'
import type { Json } from '../json-value.ts'
import { jsonReply, type Reply, type StreamSpelling } from '../reply.ts'
import type { Endpoint, ReceivedRequest } from '../simulated-api.ts'
import type { SimulatedModel } from '../simulated-model.ts'
import { hasStep } from '../step-lookup.ts'
import { chatBody, chatLines } from './chat-lines.ts'
import { errorBody, tooLong } from './error-wording.ts'
import type { MadeChat } from './made-chat.ts'
import { checkMessages } from './message-rules.ts'
import { bodyOf, createdAt, type OllamaAccount } from './ollama-account.ts'
import { trainedContext } from './ollama-models.ts'
import { promptTokens, promptWindow } from './prompt-window.ts'
import { optionalList, Refusal } from './refusal.ts'
import { checkCapabilities, checkedOptions, checkFields, checkFormat } from './request-rules.ts'

// a server with little memory, which most are
const usualContext = 4096

/** Ollama's chat. */
export function chatEndpoint(account: OllamaAccount): Endpoint {
  return { method: 'POST', path: /^\/api\/chat$/, answer: request => answer(request, account) }
}

async function answer(received: ReceivedRequest, account: OllamaAccount): Promise<Reply> {
  const { steps } = received
  const body = bodyOf(received, 'ChatRequest')
  checkFields(body)
  const model = account.model(body.model, 'answers')
  const messages = optionalList(body.messages, 'ChatRequest.messages', '[]api.Message')
  if (messages.length === 0 && isNone(body.keep_alive)) return empty(body, 'unload', account)
  checkCapabilities(body, model)
  const options = checkedOptions(body.options)
  if (messages.length === 0) return empty(body, 'load', account)
  checkMessages(messages, model)
  checkFormat(body.format)
  const { accepted, leftOut } = acceptedRequest(body, messages as readonly Json[], model, options)
  const outputTokens = typeof options.num_predict === 'number' ? accepted.maxTokens : 0
  account.take({ inputTokens: accepted.inputTokens, outputTokens })
  const generated = await generatedAnswer(accepted, { reply: account.reply, steps })
  const chat: MadeChat = { ...generated, tellsUsage: !hasStep(steps, 'no-usage'), marked: account.marked }
  const alternatives = body.logprobs === true ? Number(body.top_logprobs ?? 0) : undefined
  const billing = { ...generated.billing, ...(leftOut > 0 && { leftOutMessages: leftOut }) }
  if (body.stream === false) {
    const headers = { 'content-type': 'application/json; charset=utf-8' }
    return { status: 200, headers, pieces: chatBody(chat, alternatives), billing }
  }
  const headers = { 'content-type': 'application/x-ndjson' }
  return { status: 200, headers, pieces: chatLines(chat, alternatives), stream: spelling, billing }
}

const spelling: StreamSpelling = {
  event: text => `${text}\n`,
  error: error => `${errorBody(error)}\n`,
  comment: '\n',
}

function isNone(keepAlive: unknown): boolean {
  return keepAlive === 0 || (typeof keepAlive === 'string' && /^[-+]?0\w*$/.test(keepAlive))
}

// loads the model, or lets go of it; one body, whatever was asked
function empty(body: Json, done_reason: 'load' | 'unload', { marked }: OllamaAccount): Reply {
  const message = { role: 'assistant', content: '' }
  const head = { model: body.model, created_at: createdAt(), message }
  return jsonReply({ ...head, done: true, done_reason, ...(marked && { simulated: true }) })
}

function acceptedRequest(
  body: Json,
  messages: readonly Json[],
  model: SimulatedModel,
  options: Json,
): { readonly accepted: AcceptedRequest; readonly leftOut: number } {
  const asked = typeof options.num_ctx === 'number' ? options.num_ctx : usualContext
  const context = Math.max(1, Math.min(asked, trainedContext(model)))
  if (body.truncate === false && promptTokens(messages, body.tools) > context) throw new Refusal(400, tooLong)
  const { tokens, leftOut } = promptWindow(messages, body.tools, context)
  const cap = typeof options.num_predict === 'number' ? options.num_predict : -1
  const most = cap >= 0 ? cap : (model.maxOutputTokens ?? 16_384)
  const left = body.shift === false || cap === -2 ? Math.max(1, context - tokens) : Number.POSITIVE_INFINITY
  const accepted: AcceptedRequest = {
    request: readRequest(body),
    model,
    modelName: String(body.model),
    inputTokens: tokens,
    maxTokens: Math.min(most, left),
    thinking: { tokens: thinkingTokens(effortOf(body.think, model)), shown: true },
    prefill: 'continued',
    prefillRefusal: () => new Refusal(400, 'this model does not continue a message'),
    seed: seedOf(messages),
    callId: (_, index) => `call_${seedOf([messages, index]).slice(0, 8)}`,
  }
  return { accepted, leftOut }
}

// a model that can think does so where nothing is said
function effortOf(think: unknown, { reasoning }: SimulatedModel): string {
  if (!reasoning || think === false) return 'none'
  return typeof think === 'string' ? think : 'medium'
}

function readRequest(body: Json): MessageRequest {
  try {
    return decodeRequest(body)
  } catch (error) {
    if (!isSwitchyardError(error)) throw error
    throw new Refusal(400, error.message)
  }
}
