import type { ServerResponse } from 'node:http'
import type { SwitchyardError, Warning } from '@switchyard/core'
import { openaiChat } from '@switchyard/dialects'
import { HttpError, tellable } from './errors.ts'

type Headers = Record<string, string | number>

/** How many HTTP requests an answer took; a stream's trailer says it of the whole. */
export const attemptsHeader = 'x-switchyard-attempts'

/** Sends a whole answer at once. */
export function sendJson(response: ServerResponse, status: number, body: unknown, headers: Headers = {}): void {
  if (response.headersSent || response.destroyed) return
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    ...headers,
  })
  // as text it leaves together with the headers, in one piece
  response.end(text)
}

/** Sends an error in the shape that clients of OpenAI know. */
export function sendError(response: ServerResponse, thrown: unknown, headers: Headers = {}): number {
  const error = tellable(thrown)
  if (error instanceof HttpError) {
    const { status, code, message } = error
    const type = status >= 500 ? 'server_error' : 'invalid_request_error'
    sendJson(response, status, { error: { message, type, param: null, code } }, { ...headers, ...error.headers })
    return status
  }
  const encoded = openaiChat.encodeError(error)
  sendJson(response, encoded.status, encoded.body, { ...headers, ...encoded.headers })
  return encoded.status
}

/** What headers tell of an answer: who gave it, and how many HTTP requests it took. */
export function answerHeaders(
  answer: { readonly model: string; readonly simulated?: true; readonly warnings?: readonly Warning[] },
  attempts: number,
): Headers {
  return {
    'x-switchyard-target': headerText(answer.model),
    [attemptsHeader]: attempts,
    ...(answer.simulated && { 'x-switchyard-simulated': 'true' }),
    ...(answer.warnings?.length && { 'x-switchyard-warnings': warningsText(answer.warnings) }),
  }
}

/** What headers tell of a failure, as far as it got. */
export function failureHeaders(error: unknown, attempts: number): Headers {
  const model = (error as Partial<SwitchyardError> | undefined)?.model
  const provider = (error as Partial<SwitchyardError> | undefined)?.provider
  return {
    [attemptsHeader]: attempts,
    ...(provider !== undefined && model !== undefined && { 'x-switchyard-target': headerText(`${provider}/${model}`) }),
  }
}

const longestWarnings = 2_000

function warningsText(warnings: readonly Warning[]): string {
  const text = warnings.map(warning => `${warning.setting}: ${warning.message}`).join('; ')
  return headerText(text.slice(0, longestWarnings))
}

function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?')
}
