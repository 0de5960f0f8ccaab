import type { LimitExcess } from '../account-limits.ts'
import type { ErrorWording } from '../error-wording.ts'
import type { GeneratedUsage } from '../generated-answer.ts'
import { spelledDuration } from '../rate-limit.ts'
import { now } from '../request-log.ts'
import { errorBody, errorOfIntake, errorOfKind, errorOfStatus, keyRefusal } from './error-wording.ts'
import { limitHeaders } from './limit-headers.ts'
import type { OpenAIFlavour } from './openai-flavour.ts'
import { simulatedModels } from './openai-models.ts'

/** OpenAI as it is. */
export const openai: OpenAIFlavour = {
  basePath: '/v1',
  models: simulatedModels,
  embeddings: true,
  responses: true,
  keyRefusal,
  errorOfStatus,
  errorOfKind,
  errorOfIntake,
  errorBody,
  limitHeaders,
  limitRefusal,
  headers: request => ({
    'x-request-id': request.id,
    'openai-processing-ms': String(Math.round(now() - request.receivedAt)),
    'openai-version': '2020-10-01',
    'openai-organization': 'org-sim',
  }),
  chat: {
    parameters: [
      'messages model audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens',
      'max_tokens metadata modalities n parallel_tool_calls prediction presence_penalty prompt_cache_key',
      'prompt_cache_retention reasoning_effort response_format safety_identifier seed service_tier stop store stream',
      'stream_options temperature tool_choice tools top_logprobs top_p user verbosity web_search_options',
    ].flatMap(line => line.split(' ')),
    refusedByReasoning: [
      'max_tokens temperature top_p frequency_penalty presence_penalty logprobs top_logprobs logit_bias',
    ].flatMap(line => line.split(' ')),
    thinkingField: () => undefined,
    scriptedThinkingField: 'reasoning_content',
    wholeCalls: false,
    padded: true,
    head: { service_tier: 'default', system_fingerprint: 'fp_sim' },
    emptyFields: { refusal: null },
    emptyChoiceFields: { logprobs: null },
    usage: encodedUsage,
  },
}

function limitRefusal({ what, limit, remaining, requested, waitMs }: LimitExcess): ErrorWording {
  const word = what === 'requests' ? 'requests per min (RPM)' : 'tokens per min (TPM)'
  return {
    status: 429,
    message: `Rate limit reached in organization org-sim on ${word}: Limit ${limit}, Used ${limit - remaining}, Requested ${requested}. Please try again in ${spelledDuration(waitMs)}.`,
    type: what,
    code: 'rate_limit_exceeded',
    retryAfter: Math.ceil(waitMs / 1_000),
    headers: { 'retry-after-ms': String(waitMs) },
  }
}

function encodedUsage(usage: GeneratedUsage): object {
  const written = Object.values(usage.cacheWriteTokens).reduce((sum, tokens) => sum + tokens, 0)
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    prompt_tokens_details: {
      cached_tokens: usage.cachedTokens,
      ...(written > 0 && { cache_write_tokens: written }),
      audio_tokens: 0,
    },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoningTokens,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  }
}
