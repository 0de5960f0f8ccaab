import type { ErrorKind, SwitchyardError } from '@switchyard/core/contract'
import type { AnswerContext } from '../answer-context.ts'
import type { HeaderReader } from '../header-reader.ts'
import { isObject } from '../json.ts'
import { providerError } from '../provider-error.ts'
import { retryAfterMs } from '../retry-after.ts'

/** An HTTP answer that is no success. */
export interface ErrorReply {
  readonly status: number
  readonly headers: HeaderReader
  readonly body: string
}

// its errors are sentences and nothing else
const kindsByWords: readonly (readonly [words: RegExp, kind: ErrorKind])[] = [
  [
    /exceed[^.]*context (length|window|size)|context (length|window|size)[^.]*exceed|prompt (is )?too long/i,
    'context-length',
  ],
  [/\bmodel\b.*\bnot found\b|\bnot found, try pulling\b/i, 'not-found'],
  [/\b(does not|doesn't) support\b|\bis not supported\b/i, 'unsupported'],
  [/server busy|pending requests|overload/i, 'overloaded'],
  [/\bunauthorized\b/i, 'authentication'],
  [/\brequires a subscription\b|\bpayment\b|\bcredits?\b/i, 'quota'],
  [/\b(usage|rate) limit\b|too many requests/i, 'rate-limit'],
]

const kindsByStatus: Readonly<Record<number, ErrorKind>> = {
  401: 'authentication',
  402: 'quota',
  403: 'permission',
  404: 'not-found',
  405: 'unsupported',
  408: 'timeout',
  409: 'unavailable',
  410: 'not-found',
  425: 'unavailable',
  429: 'rate-limit',
  498: 'overloaded',
  // the request was cancelled before its model was loaded
  499: 'unavailable',
  529: 'overloaded',
}

/** What an HTTP error tells. */
export function decodeError(reply: ErrorReply, context: AnswerContext): SwitchyardError {
  const message = messageOf(reply.body)
  const waits = retryAfterMs(reply.headers, context.now)
  return providerError(kindOf(reply.status, message), { message }, context, {
    status: reply.status,
    ...(waits !== undefined && { retryAfterMs: waits }),
  })
}

/** What the `error` of a line tells: the status was 200 long before, so its words decide. */
export function decodeErrorLine(error: unknown, context: AnswerContext): SwitchyardError {
  const message = textOf(error)
  return providerError(byWords(message) ?? 'unavailable', { message }, context)
}

function kindOf(status: number, said = ''): ErrorKind {
  const known = kindsByStatus[status]
  if (known !== undefined) return known
  const told = byWords(said)
  // a 500 for a request that asks too much is no failure of the server
  if (told !== undefined && (status < 500 || told === 'overloaded' || told === 'context-length')) return told
  if (status >= 500) return 'unavailable'
  return status >= 400 ? 'invalid-request' : 'protocol'
}

function byWords(said: string): ErrorKind | undefined {
  return kindsByWords.find(([words]) => words.test(said))?.[1]
}

function messageOf(body: string): string | undefined {
  const text = body.trim()
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) && value.error !== undefined ? textOf(value.error) : text
  } catch {
    return text === '' || text.startsWith('<') ? undefined : text
  }
}

// proxies before it tell errors as objects
function textOf(error: unknown): string {
  if (typeof error === 'string') return error
  return isObject(error) && typeof error.message === 'string' ? error.message : JSON.stringify(error)
}
