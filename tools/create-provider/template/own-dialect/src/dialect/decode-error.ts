import type { ErrorKind, SwitchyardError } from '@switchyard/core/contract'
import { type AnswerContext, isObject, providerError, retryAfterMs } from '@switchyard/dialects/building-blocks'
import type { ErrorReply } from '@switchyard/transport'

// the wire's own words, which say more than a status
const kindsByType: Readonly<Record<string, ErrorKind>> = {
  prompt_too_long: 'context-length',
  blocked: 'content-filter',
  no_credit: 'quota',
  busy: 'overloaded',
  rate_limited: 'rate-limit',
}

const kindsByStatus: Readonly<Record<number, ErrorKind>> = {
  401: 'authentication',
  402: 'quota',
  403: 'permission',
  404: 'not-found',
  408: 'timeout',
  409: 'unavailable',
  429: 'rate-limit',
  498: 'overloaded',
  529: 'overloaded',
}

/** What an HTTP error tells: its body is `{ "error": { "type", "message" } }`, or whatever stands before the server. */
export function decodeError({ status, headers, body }: ErrorReply, context: AnswerContext): SwitchyardError {
  const { type, message } = wordsOf(body)
  const usual = status >= 500 ? 'unavailable' : 'invalid-request'
  const kind = kindsByType[type ?? ''] ?? kindsByStatus[status] ?? usual
  const waits = retryAfterMs(headers, context.now)
  return providerError(kind, { message, code: type }, context, {
    status,
    ...(context.requestId !== undefined && { requestId: context.requestId }),
    ...(waits !== undefined && { retryAfterMs: waits }),
  })
}

/** What an error inside an answer tells, whose status was 200. */
export function decodeErrorValue(error: unknown, context: AnswerContext): SwitchyardError {
  const { type, message } = words(error)
  return providerError(kindsByType[type ?? ''] ?? 'unavailable', { message, code: type }, context)
}

interface Words {
  readonly type?: string
  readonly message?: string
}

function wordsOf(body: string): Words {
  try {
    const value: unknown = JSON.parse(body)
    return words(isObject(value) && value.error !== undefined ? value.error : value)
  } catch {
    // a web page says nothing worth repeating
    return body.trim() === '' || body.trim().startsWith('<') ? {} : { message: body.trim() }
  }
}

function words(error: unknown): Words {
  if (typeof error === 'string') return { message: error }
  if (!isObject(error)) return {}
  return {
    ...(typeof error.type === 'string' && { type: error.type }),
    message: typeof error.message === 'string' ? error.message : JSON.stringify(error),
  }
}
