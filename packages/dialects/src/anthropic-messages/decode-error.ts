import type { SwitchyardError } from '@switchyard/core/contract'
import type { AnswerContext } from '../answer-context.ts'
import type { HeaderReader } from '../header-reader.ts'
import { isObject } from '../json.ts'
import { readErrorBody, readErrorValue } from '../openai/error-body.ts'
import { providerError } from '../provider-error.ts'
import { retryAfterMs } from '../retry-after.ts'
import { type ErrorFacts, errorKind } from './error-kind.ts'
import { exhaustedLimitMs } from './rate-limits.ts'

/** An HTTP answer that is no success. */
export interface ErrorReply {
  readonly status: number
  readonly headers: HeaderReader
  readonly body: string
}

/** What an HTTP error tells. */
export function decodeError(reply: ErrorReply, context: AnswerContext): SwitchyardError {
  const { status, headers } = reply
  const { requestId: told, ...facts } = factsOf(parsed(reply.body), readErrorBody(reply.body))
  const asked = retryAfterMs(headers, context.now)
  const kind = errorKind(status, facts, asked !== undefined)
  const waits = asked ?? (kind === 'rate-limit' ? exhaustedLimitMs(headers, context.now) : undefined)
  const requestId = headers.get('request-id') ?? told ?? context.requestId
  return providerError(kind, wordsOf(facts), context, {
    status,
    ...(requestId !== undefined && { requestId }),
    ...(waits !== undefined && { retryAfterMs: waits }),
  })
}

/** What an error inside an answer tells: its HTTP status was 200 long before. */
export function decodeErrorEvent(value: unknown, context: AnswerContext): SwitchyardError {
  const { requestId: told, ...facts } = factsOf(value, readErrorValue(value))
  const requestId = context.requestId ?? told
  return providerError(errorKind(undefined, facts, false), wordsOf(facts), context, requestId ? { requestId } : {})
}

interface ToldError extends ErrorFacts {
  readonly requestId?: string
}

/** The body's own words, with what only this dialect says. */
function factsOf(body: unknown, { message, type, code }: ErrorFacts): ToldError {
  const error = isObject(body) && isObject(body.error) ? body.error : {}
  const details = isObject(error.details) ? error.details.error_code : undefined
  const precise = typeof details === 'string' ? details : code
  return {
    ...(message !== undefined && { message }),
    ...(type !== undefined && { type }),
    ...(precise !== undefined && { code: precise }),
    ...(isObject(body) && typeof body.request_id === 'string' && { requestId: body.request_id }),
  }
}

function wordsOf({ message, type, code }: ErrorFacts) {
  // "messages.0.content: Field required"
  const param = type === 'invalid_request_error' ? /^([a-z_]\w*(?:\.\w+)*): /.exec(message ?? '')?.[1] : undefined
  return { message, code: code ?? type, param }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
