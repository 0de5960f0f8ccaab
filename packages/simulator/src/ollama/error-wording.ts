import type { ErrorWording, FaultKind } from '../error-wording.ts'
import type { IntakeProblem } from '../simulated-api.ts'

const words: Readonly<Record<number, string>> = {
  400: 'invalid request',
  401: 'unauthorized',
  402: 'this model requires a subscription, upgrade for access: https://ollama.com/upgrade',
  403: 'this operation is not allowed',
  404: "model 'nope' not found",
  408: 'request timed out',
  413: 'request body too large',
  429: 'you have reached your hourly usage limit, please try again later',
  500: 'model runner has unexpectedly stopped, this may be due to resource limitations or an internal error',
  502: 'upstream error',
  503: 'server busy, please try again.  maximum pending requests exceeded',
  504: 'timed out waiting for the model runner to start',
}

/** What Ollama says with a status. */
export function errorOfStatus(status: number): ErrorWording {
  return { status, type: '', message: words[status] ?? `status ${status}` }
}

const statuses: Readonly<Record<FaultKind, number>> = {
  authentication: 401,
  permission: 403,
  'not-found': 404,
  'invalid-request': 400,
  'context-length': 400,
  'content-filter': 400,
  'rate-limit': 429,
  quota: 402,
  overloaded: 503,
  unavailable: 500,
  timeout: 504,
}

export const tooLong = 'the input length exceeds the context length'

/** What Ollama says of a kind of error. */
export function errorOfKind(kind: FaultKind): ErrorWording {
  const usual = errorOfStatus(statuses[kind])
  return kind === 'context-length' ? { ...usual, message: tooLong } : usual
}

const intake: Partial<Readonly<Record<IntakeProblem['type'], string>>> = {
  'unknown-path': '404 page not found',
  'unknown-method': '405 method not allowed',
  'no-json': 'missing request body',
}

/** What Ollama says before it looks at what a request asks. */
export function errorOfIntake({ type, status, message }: IntakeProblem): ErrorWording {
  return { status, type: '', message: intake[type] ?? message }
}

/** What a server that was given a key says to another. */
export function keyRefusal(): ErrorWording {
  return errorOfStatus(401)
}

export function errorBody({ message }: ErrorWording): string {
  return JSON.stringify({ error: message })
}
