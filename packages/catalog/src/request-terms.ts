import type { JsonObject, JsonValue, MessageRequest } from '@switchyard/core'

/** What the fields that only a dialect knows say of a request's price. */
export interface RequestTerms {
  /** How many answers are asked for. */
  readonly answers: number
  /** What servers that know only the older word of OpenAI's dialect take for the cap, where both are sent. */
  readonly olderCap?: number
  /** Fields whose price nobody here knows, and where. */
  readonly unpriced: readonly string[]
  /** Cache lifetimes that are asked for in the dialect's own way. */
  readonly cacheLifetimes: readonly string[]
}

// change neither what is sent to the model by more than their own bytes, nor what it costs
const priceless = new Set([
  ...['max_tokens', 'max_completion_tokens', 'max_output_tokens', 'stream', 'stream_options', 'store', 'user'],
  ...['metadata', 'safety_identifier', 'logit_bias', 'logprobs', 'top_logprobs', 'verbosity', 'text', 'reasoning'],
  ...['include', 'prompt_cache_key', 'top_k', 'min_p', 'seed', 'thinking', 'output_config', 'reasoning_format'],
  ...['include_reasoning', 'reasoning_effort', 'parallel_tool_calls', 'keep_alive', 'think', 'safetySettings'],
  ...['truncation', 'repetition_penalty', 'response_format', 'options', 'format', 'input', 'background'],
  ...['max_tool_calls', 'toolConfig', 'thinkingConfig', 'topK', 'responseLogprobs', 'responseMimeType'],
  ...['encoding_format', 'outputDimensionality', 'taskType', 'title'],
  ...['responseSchema', 'responseJsonSchema', 'presencePenalty', 'frequencyPenalty', 'temperature', 'topP'],
])
const usualTiers = new Set<JsonValue | undefined>(['default', 'standard', 'standard_only', 'flex'])
const cacheFields = new Set(['prompt_cache_retention', 'prompt_cache_options', 'cache_control'])
const lifetimes = /\b(?:5m|30m|1h|12h)\b/g

// how a dialect says how many answers it wants
const answerCounts = new Set(['n', 'candidateCount'])

export function requestTerms(
  { extra = {}, maxOutputTokens }: Pick<MessageRequest, 'extra' | 'maxOutputTokens'>,
  speaks: (dialect: string) => boolean,
): RequestTerms {
  let answers = 1
  const unpriced: string[] = []
  const cacheLifetimes: string[] = []
  const read = (fields: JsonObject, place: string) => {
    for (const [name, value] of present(fields)) {
      if (answerCounts.has(name) && typeof value === 'number' && Number.isSafeInteger(value) && value > 0) {
        answers = Math.max(answers, value)
      } else if (name === 'generationConfig') read(value as JsonObject, `${place}.${name}`)
      else if (cacheFields.has(name)) cacheLifetimes.push(...askedLifetimes(name, value))
      else if (!isPriceless(name, value)) unpriced.push(`${place}.${name}: what it costs cannot be stated`)
    }
  }
  for (const [dialect, fields] of Object.entries(extra)) if (speaks(dialect)) read(fields, `extra.${dialect}`)
  const { max_tokens: olderCap, max_completion_tokens: cap } = (speaks('openai-chat') && extra['openai-chat']) || {}
  const isSent = typeof olderCap === 'number' && cap !== undefined && cap === maxOutputTokens
  return { answers, unpriced, cacheLifetimes, ...(isSent && { olderCap }) }
}

/** The cache lifetimes that these fields of a dialect ask for. */
export function cacheLifetimesIn(fields: JsonObject): readonly string[] {
  return present(fields).flatMap(([name, value]) => (cacheFields.has(name) ? askedLifetimes(name, value) : []))
}

function askedLifetimes(name: string, value: JsonValue): readonly string[] {
  return JSON.stringify(value).match(lifetimes) ?? (name === 'cache_control' ? ['default'] : [])
}

function isPriceless(name: string, value: JsonValue): boolean {
  if (priceless.has(name)) return true
  if (name === 'service_tier') return usualTiers.has(value)
  return name === 'modalities' && JSON.stringify(value) === '["text"]'
}

function present(fields: JsonObject): (readonly [string, JsonValue])[] {
  return Object.entries(fields).flatMap(([name, value]) => (value == null ? [] : [[name, value] as const]))
}
