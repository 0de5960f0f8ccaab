import type { SwitchyardError } from '@switchyard/core/contract'
import type { AnswerContext } from '../answer-context.ts'
import type { HeaderReader } from '../header-reader.ts'
import { type ErrorFacts, readErrorBody, readErrorValue } from '../openai/error-body.ts'
import { errorKind as kindOfStatus } from '../openai/error-kind.ts'
import { providerError } from '../provider-error.ts'
import { retryAfterMs } from '../retry-after.ts'
import { errorKind } from './error-kind.ts'
import { type RpcStatus, readRpcStatus } from './rpc-status.ts'

/** An HTTP answer that is no success. */
export interface ErrorReply {
  readonly status: number
  readonly headers: HeaderReader
  readonly body: string
}

/** What an HTTP error tells. */
export function decodeError(reply: ErrorReply, context: AnswerContext): SwitchyardError {
  const told = readRpcStatus(parsed(reply.body))
  const requestId = reply.headers.get('x-request-id') ?? context.requestId
  return build(told, readErrorBody(reply.body), reply.status, retryAfterMs(reply.headers, context.now), context, {
    status: reply.status,
    ...(requestId && { requestId }),
  })
}

/** What an error inside an answer tells: its HTTP status was 200 long before. */
export function decodeErrorEvent(value: unknown, context: AnswerContext): SwitchyardError {
  const told = readRpcStatus(value)
  return build(told, readErrorValue(value), told?.code, undefined, context, {})
}

function build(
  told: RpcStatus | undefined,
  // what servers between us and Gemini say in their own shapes
  facts: ErrorFacts,
  status: number | undefined,
  asked: number | undefined,
  context: AnswerContext,
  details: { readonly status?: number; readonly requestId?: string },
): SwitchyardError {
  const waits = told?.retryDelayMs ?? asked
  const kind = (told && errorKind(told)) ?? kindOfStatus(status, facts, waits !== undefined)
  const code = told?.reason ?? told?.status ?? facts.code ?? facts.type
  return providerError(kind, { message: facts.message, code, param: told?.field ?? facts.param }, context, {
    ...details,
    ...(waits !== undefined && { retryAfterMs: waits }),
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
