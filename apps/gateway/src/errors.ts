import { type ErrorKind, isSwitchyardError, SwitchyardError } from '@switchyard/core'

/** An error that is known by its HTTP status alone. */
export class HttpError extends Error {
  readonly status: number
  readonly code: string
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.status = status
    this.code = code
    this.headers = headers
  }
}

/** What a handler threw, as the caller may see it; a defect of ours tells nothing of itself. */
export function tellable(error: unknown): SwitchyardError | HttpError {
  if (error instanceof HttpError) return error
  if (isSwitchyardError(error)) return inWordsOfHttp(agreed(error))
  return new HttpError(500, 'internal_error', 'The gateway failed to handle this request; its log says why.')
}

// what a client can act upon, when it is what every target said
const actionable: ReadonlySet<ErrorKind> = new Set([
  'rate-limit',
  'quota',
  'not-found',
  'context-length',
  'unsupported',
  'circuit-open',
  'budget-exceeded',
])

function agreed(error: SwitchyardError): SwitchyardError {
  const kind = error.attempts[0]?.kind
  if (error.kind !== 'exhausted' || kind === undefined || !actionable.has(kind)) return error
  if (error.attempts.some(attempt => attempt.kind !== kind)) return error
  return new SwitchyardError(kind, error.message, { ...error })
}

/** Adds to the engine's names of what a client sets those that it has over HTTP. */
export function inWordsOfHttp(error: SwitchyardError): SwitchyardError {
  const overBudget = [error, ...error.attempts].some(({ kind }) => kind === 'budget-exceeded')
  if (!overBudget || !error.message.includes('maxOutputTokens')) return error
  const words = 'Over HTTP these are max_tokens in the body, and the header x-switchyard-max-cost: 0.10 USD.'
  return new SwitchyardError(error.kind, `${error.message} ${words}`, { ...error })
}
