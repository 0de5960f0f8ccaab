import type { SwitchyardError } from '@switchyard/core/contract'
import type { AnswerContext } from '../answer-context.ts'
import { parseDurationMs } from '../duration.ts'
import type { HeaderReader } from '../header-reader.ts'
import { providerError } from '../provider-error.ts'
import { exhaustedLimitMs } from '../rate-limit-headers.ts'
import { retryAfterMs } from '../retry-after.ts'
import { type ErrorFacts, readErrorBody, readErrorValue } from './error-body.ts'
import { errorKind } from './error-kind.ts'
import { statusOfCode } from './status-of-code.ts'

/** An HTTP answer that is no success. */
export interface ErrorReply {
  readonly status: number
  readonly headers: HeaderReader
  readonly body: string
}

/** What an HTTP error tells. */
export function decodeError(reply: ErrorReply, context: AnswerContext): SwitchyardError {
  const facts = readErrorBody(reply.body)
  const asked = retryAfterMs(reply.headers, context.now)
  const kind = errorKind(reply.status, facts, asked !== undefined)
  const waits = kind === 'rate-limit' ? rateLimitWaitMs(asked, facts, reply.headers) : asked
  const requestId = reply.headers.get('x-request-id') ?? context.requestId
  return build(kind, facts, context, {
    status: reply.status,
    ...(requestId && { requestId }),
    ...(waits !== undefined && { retryAfterMs: waits }),
  })
}

/**
 * What an error inside an answer tells: its status was 200 long before, so its words decide, and the headers that
 * it may carry.
 */
export function decodeErrorEvent(value: unknown, context: AnswerContext, headers = noHeaders): SwitchyardError {
  const facts = readErrorValue(value)
  const asked = retryAfterMs(headers, context.now)
  const kind = errorKind(statusOfCode(facts.code), statusWords(facts), asked !== undefined)
  const waits = kind === 'rate-limit' ? rateLimitWaitMs(asked, facts, headers) : asked
  return build(kind, facts, context, {
    ...(waits !== undefined && { retryAfterMs: waits }),
  })
}

const noHeaders: HeaderReader = { get: () => undefined }

// a bare word as the message ("over_capacity") is the code
function statusWords(facts: ErrorFacts): ErrorFacts {
  if (facts.code !== undefined || facts.message === undefined || !/^[a-z_]+$/.test(facts.message)) return facts
  return { ...facts, code: facts.message }
}

// a message tells when this request fits, a header when the whole limit is free again
function rateLimitWaitMs(asked: number | undefined, facts: ErrorFacts, headers: HeaderReader): number | undefined {
  return asked ?? messageWaitMs(facts) ?? exhaustedLimitMs(headers)
}

function messageWaitMs(facts: ErrorFacts): number | undefined {
  const found = /try again in ((?:\d+(?:\.\d+)?(?:ms|s|m|h))+)/i.exec(facts.message ?? '')
  return found?.[1] === undefined ? undefined : parseDurationMs(found[1])
}

function build(
  kind: SwitchyardError['kind'],
  facts: ErrorFacts,
  context: AnswerContext,
  details: { readonly status?: number; readonly requestId?: string; readonly retryAfterMs?: number },
): SwitchyardError {
  return providerError(kind, { ...facts, code: facts.code ?? facts.type }, context, details)
}
