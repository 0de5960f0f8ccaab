import type { LimitExcess } from '../account-limits.ts'
import type { ErrorWording, FaultKind } from '../error-wording.ts'
import type { GeneratedUsage } from '../generated-answer.ts'
import { isSet, type Json } from '../json-value.ts'
import {
  errorOfIntake,
  errorOfKind as openaiErrorOfKind,
  errorOfStatus as openaiErrorOfStatus,
} from '../openai/error-wording.ts'
import { limitHeaders } from '../openai/limit-headers.ts'
import { openaiLikeApi } from '../openai/openai-api.ts'
import type { OpenAIFlavour } from '../openai/openai-flavour.ts'
import { InvalidRequest, invalidValue } from '../openai/refusal.ts'
import { spelledDuration } from '../rate-limit.ts'
import type { SimulatedApiFactory } from '../simulated-api.ts'

/** Groq's chat completions and models. */
export const groqApi: SimulatedApiFactory = options => openaiLikeApi(groq, options)

const groq: OpenAIFlavour = {
  basePath: '/openai/v1',
  models: [
    { id: 'groq-sim', role: 'usual' },
    { id: 'groq-sim-instant', role: 'small', contextWindow: 8_192, maxOutputTokens: 1_024 },
    {
      id: 'openai/groq-sim-oss',
      role: 'reasoning',
      reasoning: true,
      reasoningEfforts: ['low', 'medium', 'high'],
      contextWindow: 131_072,
      maxOutputTokens: 65_536,
    },
  ],
  modelFields: ({ contextWindow = 128_000, maxOutputTokens = 16_384 }) => ({
    active: true,
    context_window: contextWindow,
    max_completion_tokens: maxOutputTokens,
  }),
  embeddings: false,
  keyRefusal,
  errorOfStatus,
  errorOfKind,
  errorOfIntake,
  errorBody,
  limitHeaders,
  limitRefusal,
  headers: ({ id }) => ({ 'x-request-id': id, 'x-groq-region': 'sim' }),
  chat: {
    parameters: [
      'messages model citation_options compound_custom disable_tool_validation documents exclude_domains',
      'frequency_penalty function_call functions include_domains include_reasoning logit_bias logprobs',
      'max_completion_tokens max_tokens metadata n parallel_tool_calls presence_penalty reasoning_effort',
      'reasoning_format response_format search_settings seed service_tier stop store stream stream_options',
      'temperature tool_choice tools top_logprobs top_p user',
    ].flatMap(line => line.split(' ')),
    refusedByReasoning: [],
    check,
    thinkingField: body =>
      body.include_reasoning === false || body.reasoning_format === 'hidden' ? undefined : 'reasoning',
    scriptedThinkingField: 'reasoning',
    wholeCalls: true,
    padded: false,
    head: { system_fingerprint: 'fp_sim' },
    emptyFields: {},
    emptyChoiceFields: { logprobs: null },
    thinkingFields: { channel: 'analysis' },
    usage: encodedUsage,
    ends: ({ usage }, id, tellsUsage) => ({
      first: { x_groq: { id, seed: 7 } },
      last: { x_groq: { id, ...(tellsUsage && { usage: encodedUsage(usage) }) } },
    }),
    errorField: ({ status, code, type }, id) => ({
      x_groq: { id, error: code ?? (status === 503 ? 'over_capacity' : type) },
    }),
  },
}

const unsupported = ['logit_bias', 'logprobs', 'top_logprobs']

function check(body: Json): void {
  for (const name of unsupported) {
    if (isSet(body[name]) && body[name] !== false) {
      throw new InvalidRequest(400, `\`${name}\` is not supported with this model`, name)
    }
  }
  if (isSet(body.n) && body.n !== 1) throw new InvalidRequest(400, "'n' : number must be at most 1", 'n')
  const format = body.reasoning_format
  if (!isSet(format)) return
  if (isSet(body.include_reasoning)) {
    throw new InvalidRequest(400, 'cannot specify both `include_reasoning` and `reasoning_format`', 'reasoning_format')
  }
  // raw thinking, between tags in the text, is not simulated
  if (format !== 'hidden' && format !== 'parsed') {
    throw invalidValue('reasoning_format', '`reasoning_format` must be one of `hidden`, `parsed`')
  }
}

function encodedUsage({ inputTokens, cachedTokens, outputTokens, reasoningTokens }: GeneratedUsage): object {
  const [prompt_time, completion_time] = [inputTokens / 20_000, outputTokens / 500]
  return {
    queue_time: 0.02,
    prompt_tokens: inputTokens,
    prompt_time,
    completion_tokens: outputTokens,
    completion_time,
    total_tokens: inputTokens + outputTokens,
    total_time: prompt_time + completion_time,
    prompt_tokens_details: { cached_tokens: cachedTokens },
    completion_tokens_details: { reasoning_tokens: reasoningTokens },
  }
}

function errorOfStatus(status: number): ErrorWording {
  if (status === 498) {
    const message = 'capacity_exceeded: flex tier capacity exceeded, try again later'
    return { status, message, type: 'capacity_exceeded', code: 'capacity_exceeded' }
  }
  if (status === 413) {
    const message = 'Request too large for model `groq-sim` on tokens per minute (TPM): Limit 8000, Requested 12000.'
    return { status, message, type: 'tokens', code: 'rate_limit_exceeded' }
  }
  if (status === 429) {
    const message =
      'Rate limit reached for model `groq-sim` in organization `org_sim` service tier `on_demand` on tokens per minute (TPM): Limit 15000, Used 11972, Requested 4351.'
    return { status, message, type: 'tokens', code: 'rate_limit_exceeded' }
  }
  if (status === 503) {
    const message =
      'groq-sim is currently over capacity. Please try again and back off exponentially. Visit https://groqstatus.com to see if there is an active incident.'
    return { status, message, type: 'internal_server_error', code: null }
  }
  return openaiErrorOfStatus(status)
}

function errorOfKind(kind: FaultKind): ErrorWording {
  if (kind === 'overloaded') {
    const message =
      'The model `groq-sim` is currently over capacity. Please try again and back off exponentially. Visit https://groqstatus.com to see if there are active incidents.'
    return { ...errorOfStatus(503), message }
  }
  if (kind === 'rate-limit') return errorOfStatus(429)
  if (kind !== 'context-length') return openaiErrorOfKind(kind)
  const message = 'Please reduce the length of the messages or completion.'
  return { ...openaiErrorOfKind(kind), message }
}

function keyRefusal(): ErrorWording {
  return { status: 401, message: 'Invalid API Key', type: 'invalid_request_error', code: 'invalid_api_key' }
}

// what could never fit is too large, and not too early
function limitRefusal({ what, limit, remaining, requested, waitMs }: LimitExcess, model: string): ErrorWording {
  const word = what === 'requests' ? 'requests per minute (RPM)' : 'tokens per minute (TPM)'
  const code = 'rate_limit_exceeded'
  if (requested > limit) {
    const message = `Request too large for model \`${model}\` on ${word}: Limit ${limit}, Requested ${requested}.`
    return { status: 413, message, type: what, code }
  }
  const message = `Rate limit reached for model \`${model}\` in organization \`org_sim\` service tier \`on_demand\` on ${word}: Limit ${limit}, Used ${limit - remaining}, Requested ${requested}. Please try again in ${spelledDuration(waitMs)}.`
  return { status: 429, message, type: what, code, retryAfter: Math.ceil(waitMs / 1_000) }
}

function errorBody({ message, type, param, code }: ErrorWording): string {
  return JSON.stringify({ error: { message, type, ...(isSet(param) && { param }), ...(isSet(code) && { code }) } })
}
