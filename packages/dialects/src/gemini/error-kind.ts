import type { ErrorKind } from '@switchyard/core/contract'
import type { RpcStatus } from './rpc-status.ts'

const kindsByReason: Readonly<Record<string, ErrorKind>> = {
  API_KEY_INVALID: 'authentication',
  API_KEY_EXPIRED: 'authentication',
  CREDENTIALS_MISSING: 'authentication',
  BILLING_DISABLED: 'quota',
}

const kindsByStatus: Readonly<Record<string, ErrorKind>> = {
  UNAUTHENTICATED: 'authentication',
  PERMISSION_DENIED: 'permission',
  NOT_FOUND: 'not-found',
  UNIMPLEMENTED: 'unsupported',
  DEADLINE_EXCEEDED: 'timeout',
  INTERNAL: 'unavailable',
  UNKNOWN: 'unavailable',
  DATA_LOSS: 'unavailable',
  ABORTED: 'unavailable',
  CANCELLED: 'unavailable',
}

const keyWords = /api[ -_]?key[^.]{0,30}\b(not valid|invalid|expired|not found)/i
const contextWords =
  /token count[^.]*exceeds the maximum|exceeds? [^.]*(context (window|length)|number of tokens allowed)|input (context )?is too long/i
const filterWords = /\b(prohibited content|content policy|safety (policy|filter|reasons))\b/i
const unsupportedWords = /\b(is|are) not (supported|enabled) (for|by|in)\b|\b(does not|doesn't) support\b/i
const placeWords = /location is not supported|not available in your (country|region)/i
const moneyWords = /\b(billing|credits?|prepay\w*|spend\w*)\b/i
const busyWords = /overload|high demand|capacity|\bbusy\b/i

/** The kind of an error; `undefined` where its word is none of Google's. */
export function errorKind(told: RpcStatus): ErrorKind | undefined {
  const { status, reason, message = '' } = told
  const byReason = reason === undefined ? undefined : kindsByReason[reason]
  if (byReason !== undefined) return byReason
  switch (status) {
    case 'RESOURCE_EXHAUSTED':
      return exhaustedKind(told)
    case 'UNAVAILABLE':
      return busyWords.test(message) ? 'overloaded' : 'unavailable'
    case 'INVALID_ARGUMENT':
    case 'FAILED_PRECONDITION':
    case 'OUT_OF_RANGE':
      return refusedKind(message)
    default:
      return status === undefined ? undefined : kindsByStatus[status]
  }
}

// the message speaks of plan and billing in either case: which quota it was tells, and whether waiting helps
function exhaustedKind({ quotas, retryDelayMs, message = '' }: RpcStatus): ErrorKind {
  if (quotas.length > 0) return quotas.some(quota => /per(day|month)/i.test(quota)) ? 'quota' : 'rate-limit'
  if (retryDelayMs !== undefined) return 'rate-limit'
  return moneyWords.test(message) ? 'quota' : 'rate-limit'
}

function refusedKind(message: string): ErrorKind {
  if (keyWords.test(message)) return 'authentication'
  if (contextWords.test(message)) return 'context-length'
  if (placeWords.test(message)) return 'permission'
  if (moneyWords.test(message)) return 'quota'
  if (filterWords.test(message)) return 'content-filter'
  return unsupportedWords.test(message) ? 'unsupported' : 'invalid-request'
}
