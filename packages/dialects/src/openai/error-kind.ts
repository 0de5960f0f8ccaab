import type { ErrorKind } from '@switchyard/core/contract'
import type { ErrorFacts } from './error-body.ts'

// codes and types, in the provider's own words; they say more than a status
const kindsByWord: Readonly<Record<string, ErrorKind>> = {
  insufficient_quota: 'quota',
  billing_hard_limit_reached: 'quota',
  billing_not_active: 'quota',
  invalid_api_key: 'authentication',
  incorrect_api_key: 'authentication',
  authentication_error: 'authentication',
  account_deactivated: 'authentication',
  unsupported_country_region_territory: 'permission',
  permission_denied: 'permission',
  permission_error: 'permission',
  model_not_found: 'not-found',
  model_decommissioned: 'not-found',
  not_found_error: 'not-found',
  notfounderror: 'not-found',
  context_length_exceeded: 'context-length',
  content_filter: 'content-filter',
  content_policy_violation: 'content-filter',
  responsibleaipolicyviolation: 'content-filter',
  rate_limit_exceeded: 'rate-limit',
  rate_limit_error: 'rate-limit',
  too_many_requests: 'rate-limit',
  server_is_overloaded: 'overloaded',
  overloaded: 'overloaded',
  overloaded_error: 'overloaded',
  engine_overloaded: 'overloaded',
  over_capacity: 'overloaded',
  capacity_exceeded: 'overloaded',
  slow_down: 'overloaded',
  // what the model said was not what it was held to, which another try may mend
  tool_use_failed: 'protocol',
  json_validate_failed: 'protocol',
  // what a response fails of after it began
  invalid_prompt: 'content-filter',
  bio_policy: 'content-filter',
  misalignment_policy_violation: 'content-filter',
  image_content_policy_violation: 'content-filter',
  data_residency_mismatch: 'permission',
  invalid_encrypted_content: 'invalid-request',
  invalid_image: 'invalid-request',
  invalid_image_format: 'invalid-request',
  invalid_image_mode: 'invalid-request',
  invalid_image_url: 'invalid-request',
  invalid_base64_image: 'invalid-request',
  image_too_large: 'invalid-request',
  image_too_small: 'invalid-request',
  image_parse_error: 'invalid-request',
  image_file_too_large: 'invalid-request',
  image_file_not_found: 'invalid-request',
  unsupported_image_media_type: 'invalid-request',
  empty_image_file: 'invalid-request',
  failed_to_download_image: 'invalid-request',
  vector_store_timeout: 'unavailable',
  unsupported_parameter: 'unsupported',
  unsupported_value: 'unsupported',
  unsupported: 'unsupported',
  timeout: 'timeout',
  timeout_error: 'timeout',
  circuit_open: 'circuit-open',
  budget_exceeded: 'budget-exceeded',
}

// kinds of words that say less than a status would
const vagueKinds: Readonly<Record<string, ErrorKind>> = {
  invalid_request_error: 'invalid-request',
  badrequesterror: 'invalid-request',
  api_error: 'unavailable',
  server_error: 'unavailable',
  internal_error: 'unavailable',
  internal_server_error: 'unavailable',
  service_unavailable: 'unavailable',
  service_unavailable_error: 'unavailable',
}

const money = /\b(credits?|billing|spending limit|insufficient (funds|balance)|payment|quota)\b/i
const contextWords =
  /maximum (context|prompt) length|context (length|window)[^.]*exceed|exceed[^.]*context (length|window)|prompt is too long/i
const keyWords =
  /(incorrect|invalid|missing|expired)\b[^.]{0,20}\bapi[ -_]?key|api[ -_]?key[^.]{0,30}\b(invalid|not valid|expired|incorrect)/i
const filterWords = /content (management )?(policy|filter)|flagged (by|as)|safety system|violates usage guidelines/i
const unsupportedWords = /\b(is|are) not supported\b|\b(does not|doesn't) support\b|\bunsupported (parameter|value)/i
const busyWords = /overload|capacity|\bbusy\b|too many/i
const tooMany = /too many requests/i
// larger than all that a minute allows: no wait makes it fit
const tooLarge = /\brequest too large\b.*\btokens per min/i
const perMinute = /tokens per (minute|min)|\bTPM\b/i

/** The kind of an error, by its status where there is one, its words, and whether it says when to come back. */
export function errorKind(status: number | undefined, facts: ErrorFacts, saysWhen: boolean): ErrorKind {
  const message = facts.message ?? ''
  if (tooLarge.test(message)) return 'context-length'
  const word = kindByWord(facts)
  if (word !== undefined && !(word === 'rate-limit' && status === 503)) {
    if (word === 'unavailable') return byStatus(status ?? 503, message, saysWhen)
    if (word === 'invalid-request') return byStatus(status ?? 400, message, saysWhen)
    return word
  }
  if (status !== undefined) return byStatus(status, message, saysWhen)
  return tooMany.test(message) ? 'rate-limit' : (byMessage(message) ?? byStatus(503, message, saysWhen))
}

function kindByWord(facts: ErrorFacts): ErrorKind | undefined {
  for (const table of [kindsByWord, vagueKinds]) {
    for (const word of [facts.code, facts.type]) {
      const kind = word === undefined ? undefined : table[word.toLowerCase()]
      if (kind !== undefined) return kind
    }
  }
  return undefined
}

function byStatus(status: number, message: string, saysWhen: boolean): ErrorKind {
  switch (status) {
    case 400:
    case 422:
      return badRequest(message)
    case 401:
      return 'authentication'
    case 402:
      return 'quota'
    case 403:
      if (money.test(message)) return 'quota'
      return filterWords.test(message) ? 'content-filter' : 'permission'
    case 404:
    case 410:
      return 'not-found'
    case 405:
    case 501:
      return 'unsupported'
    case 408:
      return 'timeout'
    case 409:
    case 425:
    case 499:
      return 'unavailable'
    case 413:
      return perMinute.test(message) ? 'rate-limit' : badRequest(message)
    case 429:
      return money.test(message) && !saysWhen ? 'quota' : 'rate-limit'
    case 498:
    case 529:
      return 'overloaded'
    case 503:
      return busyWords.test(message) ? 'overloaded' : 'unavailable'
    default:
      if (status >= 500) return 'unavailable'
      return status >= 400 ? badRequest(message) : 'protocol'
  }
}

function badRequest(message: string): ErrorKind {
  return byMessage(message) ?? 'invalid-request'
}

function byMessage(message: string): ErrorKind | undefined {
  if (contextWords.test(message)) return 'context-length'
  if (keyWords.test(message)) return 'authentication'
  if (filterWords.test(message)) return 'content-filter'
  if (unsupportedWords.test(message)) return 'unsupported'
  return undefined
}
