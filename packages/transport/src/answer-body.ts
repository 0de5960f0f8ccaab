import { SwitchyardError } from '@switchyard/core/contract'
import type { BodyReader, HeaderReader } from './body-reader.ts'
import type { AnswerFacts } from './wire-protocol.ts'

const errorBodyLimit = 64 * 1024
// the status is known; a server that stalls after it does not get to hold the caller
const errorBodyMs = 5000

/** `application/json`, in lower case and without parameters; empty where the server does not say. */
export function mediaType(headers: HeaderReader): string {
  const value = headers.get('content-type')
  if (value === null) return ''
  const end = value.indexOf(';')
  return (end === -1 ? value : value.slice(0, end)).trim().toLowerCase()
}

/** What a server says went wrong: at most 64 KB of it, and what came within 5 s. @throws only `aborted`. */
export async function errorText(body: BodyReader, signal: AbortSignal | undefined): Promise<string> {
  const decoder = new TextDecoder()
  const timer = setTimeout(() => body.cancel(), errorBodyMs)
  let text = ''
  try {
    for (let left = errorBodyLimit; left > 0; ) {
      const bytes = await body.read()
      if (bytes === undefined) return text + decoder.decode()
      text += decoder.decode(bytes.subarray(0, left), { stream: true })
      left -= bytes.length
    }
    body.cancel()
  } catch (error) {
    if (signal?.aborted) throw error
  } finally {
    clearTimeout(timer)
  }
  return text
}

/** @throws {SwitchyardError} `protocol` for what is not JSON. */
export function jsonBody(text: string, status: number, facts: AnswerFacts): unknown {
  try {
    return JSON.parse(text)
  } catch {
    const message = text === '' ? 'The answer is empty.' : 'The answer is not the JSON it should be.'
    throw new SwitchyardError('protocol', message, errorDetails(status, facts))
  }
}

/** What every error about this answer carries. */
export function errorDetails(
  status: number,
  { provider, model, requestId }: AnswerFacts,
): { readonly provider: string; readonly model?: string; readonly status: number; readonly requestId?: string } {
  return { provider, status, ...(model !== undefined && { model }), ...(requestId !== undefined && { requestId }) }
}
