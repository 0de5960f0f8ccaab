import type { Message, MessageRequest } from '@switchyard/core/contract'
import {
  type AcceptedRequest,
  countTokens,
  type ErrorWording,
  type FaultKind,
  type GeneratedAnswer,
  generatedAnswer,
  jsonReply,
  type ReceivedRequest,
  type Reply,
  type ReplyPiece,
  RequestRefusal,
  ServedModels,
  type SimulatedApiFactory,
  type SimulatedApiOptions,
  type SimulatedModel,
  seedOf,
  serverSentComment,
  serverSentEvent,
  serverSentHeaders,
} from '@switchyard/simulator'

// written by hand from the provider's reference and not with our dialect: what is tested by the simulator
// must not be what the simulator is made of, or mistakes would cancel out

const models: readonly SimulatedModel[] = [
  { id: 'acme-cloud-sim', role: 'usual' },
  { id: 'acme-cloud-sim-small', role: 'small', contextWindow: 8_192, maxOutputTokens: 1_024 },
]

/** Acme Cloud's answers and models. */
export const simulatedApi: SimulatedApiFactory = options => {
  const served = new ServedModels(options.models ?? models, options.anyModel)
  const marked = options.markSimulated !== false
  const entry = ({ id, contextWindow = 128_000 }: SimulatedModel) => ({ name: id, context_window: contextWindow })
  return {
    basePath: '/v1',
    models: served.roles,
    endpoints: [
      { method: 'POST', path: /^\/v1\/answers$/, answer: request => answerTo(request, served, marked, options) },
      { method: 'GET', path: /^\/v1\/models$/, answer: () => jsonReply({ models: served.all.map(entry) }) },
    ],
    credential: ({ headers }) => /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1],
    credentialHeaders: ['authorization'],
    keyRefusal: () => errorOfKind('authentication'),
    errorOfStatus,
    errorOfKind,
    errorOfIntake: ({ status, message }) => ({ status, type: 'bad_request', message }),
    errorBody: ({ type, message }) => JSON.stringify({ error: { type, message } }),
    headers: ({ id }) => ({ 'x-request-id': id }),
  }
}

const typesByStatus: Readonly<Record<number, string>> = { 402: 'no_credit', 429: 'rate_limited', 529: 'busy' }

function errorOfStatus(status: number): ErrorWording {
  return { status, type: typesByStatus[status] ?? 'error', message: `This is a simulated error of status ${status}.` }
}

const wordings: Readonly<Record<FaultKind, readonly [status: number, type: string]>> = {
  authentication: [401, 'bad_key'],
  permission: [403, 'forbidden'],
  'not-found': [404, 'unknown_model'],
  'invalid-request': [400, 'bad_request'],
  'context-length': [400, 'prompt_too_long'],
  'content-filter': [400, 'blocked'],
  'rate-limit': [429, 'rate_limited'],
  quota: [402, 'no_credit'],
  overloaded: [529, 'busy'],
  unavailable: [500, 'error'],
  timeout: [504, 'timed_out'],
}

function errorOfKind(kind: FaultKind): ErrorWording {
  const [status, type] = wordings[kind]
  return { status, type, message: `This is a simulated error: ${type}.` }
}

function refused(kind: FaultKind, message: string): RequestRefusal {
  return new RequestRefusal({ ...errorOfKind(kind), message })
}

const fields = new Set(['model', 'messages', 'stream', 'max_tokens', 'temperature', 'stop'])
const roles = ['system', 'user', 'assistant'] as const

/** A body as what it asks. @throws {RequestRefusal} for what the provider would refuse, naming the field. */
export function readRequest(body: unknown): MessageRequest {
  const { model, messages, stream, max_tokens, temperature, stop } = objectOf(body, 'the body')
  const unknown = Object.keys(objectOf(body, 'the body')).find(field => !fields.has(field))
  if (unknown !== undefined) throw refused('invalid-request', `${unknown} is no field of a request.`)
  if (typeof model !== 'string') throw refused('invalid-request', 'model should be a string.')
  if (!Array.isArray(messages)) throw refused('invalid-request', 'messages should be a list.')
  if (max_tokens !== undefined && !(Number.isInteger(max_tokens) && Number(max_tokens) > 0)) {
    throw refused('invalid-request', 'max_tokens should be a whole number above 0.')
  }
  return {
    model,
    messages: messages.map(readMessage),
    stream: stream === true,
    ...(max_tokens !== undefined && { maxOutputTokens: Number(max_tokens) }),
    ...(temperature !== undefined && { temperature: Number(temperature) }),
    ...(Array.isArray(stop) && { stop: stop.map(String) }),
  }
}

function readMessage(value: unknown, index: number): Message {
  const { role, text } = objectOf(value, `messages[${index}]`)
  const known = roles.find(each => each === role)
  if (known === undefined) throw refused('invalid-request', `messages[${index}].role should be one of ${roles}.`)
  if (typeof text !== 'string') throw refused('invalid-request', `messages[${index}].text should be a string.`)
  return { role: known, content: text }
}

function objectOf(value: unknown, place: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw refused('invalid-request', `${place} should be an object.`)
}

async function answerTo(
  { body, steps }: ReceivedRequest,
  served: ServedModels,
  marked: boolean,
  { reply }: SimulatedApiOptions,
): Promise<Reply> {
  const request = readRequest(body)
  const generated = await generatedAnswer(accepted(request, served), { reply, steps })
  const simulated = marked ? { simulated: true } : {}
  const head = { id: `answer_${generated.seed}`, ...simulated }
  const usage = { input_tokens: generated.usage.inputTokens, output_tokens: generated.usage.outputTokens }
  const { billing } = generated
  const { said, unsaidTokens } = spoken(generated)
  if (request.stream === true) {
    const event = (role: ReplyPiece['role'], wire: object, tokens = 0): ReplyPiece => ({
      text: serverSentEvent(JSON.stringify(wire)),
      role,
      tokens,
    })
    const events = [
      event('content', { type: 'start', ...head }, unsaidTokens),
      ...said.map(text => event('content', { type: 'text', text }, 1)),
      event('usage', { type: 'usage', ...usage }),
      event('finish', { type: 'end', ended: endedOf(generated) }),
    ]
    return { status: 200, headers: serverSentHeaders, pieces: events, stream: spelling, billing }
  }
  const tellsUsage = !steps.some(({ type }) => type === 'no-usage')
  const whole = { ...head, text: said.join(''), ended: endedOf(generated), ...(tellsUsage && { usage }) }
  const tokens = said.length + unsaidTokens
  const headers = { 'content-type': 'application/json' }
  return { status: 200, headers, pieces: [{ text: JSON.stringify(whole), role: 'content', tokens }], billing }
}

const spelling = {
  event: (text: string) => serverSentEvent(text),
  error: ({ type, message }: ErrorWording) =>
    serverSentEvent(JSON.stringify({ type: 'error', error: { type, message } })),
  comment: serverSentComment,
}

function accepted(request: MessageRequest, served: ServedModels): AcceptedRequest {
  const name = request.model ?? ''
  const model = served.find(name, 'answers')
  if (model === undefined) throw refused('not-found', `There is no model "${name}".`)
  const inputTokens = request.messages.reduce((sum, { content }) => sum + 3 + countTokens(String(content)), 0)
  const window = model.contextWindow ?? 128_000
  if (inputTokens > window) throw refused('context-length', `The prompt has ${inputTokens} tokens, of ${window}.`)
  return {
    request,
    model,
    modelName: name,
    inputTokens,
    maxTokens: Math.min(request.maxOutputTokens ?? 16_384, model.maxOutputTokens ?? 16_384, window - inputTokens),
    prefill: 'ignored',
    prefillRefusal: () => refused('invalid-request', 'The last message should be of the user.'),
    seed: seedOf(request.messages),
  }
}

/** What the wire has words for, piece by piece; the tokens of the rest are billed all the same. */
function spoken({ choices: [{ blocks, tokens }] }: GeneratedAnswer): {
  readonly said: readonly string[]
  readonly unsaidTokens: number
} {
  const said = blocks.flatMap(({ type, pieces }) => (type === 'text' || type === 'refusal' ? pieces : []))
  return { said, unsaidTokens: tokens - said.length }
}

function endedOf({ choices: [{ ended }] }: GeneratedAnswer): string {
  if (typeof ended === 'object') return ended.word
  const words: Partial<Record<typeof ended, string>> = {
    length: 'max_tokens',
    'stop-sequence': 'stop_sequence',
    'content-filter': 'filtered',
  }
  return words[ended] ?? 'done'
}
