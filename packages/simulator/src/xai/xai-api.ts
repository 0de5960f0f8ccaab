import type { LimitExcess } from '../account-limits.ts'
import type { ErrorWording, FaultKind } from '../error-wording.ts'
import type { GeneratedUsage } from '../generated-answer.ts'
import { errorBody as openaiErrorBody, errorOfStatus as openaiErrorOfStatus } from '../openai/error-wording.ts'
import { openaiLikeApi } from '../openai/openai-api.ts'
import type { OpenAIFlavour } from '../openai/openai-flavour.ts'
import { openai } from '../openai/openai-itself.ts'
import type { SimulatedApiFactory } from '../simulated-api.ts'

/** xAI's chat completions and models. */
export const xaiApi: SimulatedApiFactory = options => openaiLikeApi(xai, options)

const xai: OpenAIFlavour = {
  basePath: '/v1',
  models: [
    { id: 'grok-sim', role: 'usual' },
    { id: 'grok-sim-mini', role: 'small', contextWindow: 8_192, maxOutputTokens: 1_024 },
    { id: 'grok-sim-reasoning', role: 'reasoning', reasoning: true, contextWindow: 256_000, maxOutputTokens: 64_000 },
  ],
  embeddings: false,
  keyRefusal,
  errorOfStatus,
  errorOfKind,
  errorOfIntake: reworded,
  reworded,
  errorBody,
  limitHeaders: limits => ({
    'x-ratelimit-limit-requests': String(limits.left('requests').limit),
    'x-ratelimit-remaining-requests': String(limits.left('requests').remaining),
  }),
  limitRefusal: ({ waitMs }: LimitExcess) => ({ ...errorOfStatus(429), retryAfter: Math.ceil(waitMs / 1_000) }),
  headers: ({ id }) => ({ 'x-request-id': id }),
  chat: {
    parameters: [...openai.chat.parameters, 'deferred', 'search_parameters'],
    refusedByReasoning: ['frequency_penalty', 'presence_penalty', 'stop'],
    thinkingField: () => 'reasoning_content',
    scriptedThinkingField: 'reasoning_content',
    wholeCalls: true,
    padded: false,
    head: { system_fingerprint: 'fp_sim' },
    emptyFields: {},
    emptyChoiceFields: {},
    usage: encodedUsage,
  },
}

// what was thought is beside the completion's tokens, and in the total
function encodedUsage({ inputTokens, cachedTokens, outputTokens, reasoningTokens }: GeneratedUsage): object {
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens - reasoningTokens,
    total_tokens: inputTokens + outputTokens,
    prompt_tokens_details: {
      text_tokens: inputTokens,
      audio_tokens: 0,
      image_tokens: 0,
      cached_tokens: cachedTokens,
    },
    completion_tokens_details: {
      reasoning_tokens: reasoningTokens,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
    num_sources_used: 0,
  }
}

const invalid = 'Client specified an invalid argument'
const forbidden = 'The caller does not have permission to execute the specified operation'

const words: Readonly<Record<number, readonly [code: string, message: string]>> = {
  400: [invalid, 'The request is not valid.'],
  401: ['The caller does not have valid authentication credentials', 'No API key was provided.'],
  403: [forbidden, 'Your team does not have access to this resource.'],
  404: ['Some requested entity was not found', 'The model does not exist or your team does not have access to it.'],
  429: ['Some resource has been exhausted', 'Too many requests for team. Please slow down.'],
}

function errorOfStatus(status: number): ErrorWording {
  const usual = openaiErrorOfStatus(status)
  if (status < 500) {
    const [code, message] = words[status] ?? [invalid, usual.message]
    return { status, type: 'invalid_request_error', code, message }
  }
  if (status !== 503) return usual
  const message = 'Service temporarily unavailable. The model is at capacity.'
  return { status, type: 'service_unavailable', code: '503', message }
}

const kinds: Readonly<Record<FaultKind, readonly [status: number, message?: string]>> = {
  authentication: [400, 'Incorrect API key provided: xa***. You can obtain an API key from https://console.x.ai.'],
  permission: [403],
  'not-found': [404],
  'invalid-request': [400],
  'context-length': [400, "This model's maximum prompt length is 131072 but the request contains 200000 tokens."],
  'content-filter': [403, 'Content violates usage guidelines.'],
  'rate-limit': [429],
  quota: [403, 'Your team has either used all available credits or reached its monthly spending limit.'],
  overloaded: [503],
  unavailable: [500],
  timeout: [504],
}

function errorOfKind(kind: FaultKind): ErrorWording {
  const [status, message] = kinds[kind]
  const usual = errorOfStatus(status)
  return { ...usual, message: message ?? usual.message }
}

function keyRefusal(credential = ''): ErrorWording {
  if (credential === '') return errorOfStatus(401)
  const message = `Incorrect API key provided: ${credential.slice(0, 2)}***. You can obtain an API key from https://console.x.ai.`
  return { ...errorOfStatus(400), message }
}

function reworded({ status, message }: Pick<ErrorWording, 'status' | 'message'>): ErrorWording {
  return { ...errorOfStatus(status), message }
}

/** A phrase and a text where the client is to blame, and OpenAI's shape where xAI is. */
function errorBody(error: ErrorWording): string {
  if (error.status >= 500) return openaiErrorBody(error)
  return JSON.stringify({ code: error.code, error: error.message })
}
