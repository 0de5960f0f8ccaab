import type { FinishReason, JsonObject } from '@switchyard/core/contract'
import { isObject } from '../json.ts'

const incompleteReasons: Readonly<Record<string, FinishReason>> = {
  max_output_tokens: 'length',
  content_filter: 'content-filter',
}

/** What the output held, which the status does not tell. */
export interface Held {
  /** A function to call, or another thing for the client to do. */
  readonly calls: boolean
  readonly refusal: boolean
}

/** Why an answer ended, by the response that tells its end. */
export function decodeFinish(
  response: JsonObject,
  held: Held,
): { readonly reason: FinishReason; readonly rawReason: string } {
  const status = typeof response.status === 'string' ? response.status : 'completed'
  if (status === 'incomplete') {
    const details = isObject(response.incomplete_details) ? response.incomplete_details.reason : undefined
    const word = typeof details === 'string' ? details : status
    return { reason: incompleteReasons[word] ?? 'other', rawReason: word }
  }
  if (status !== 'completed') return { reason: 'other', rawReason: status }
  if (held.calls) return { reason: 'tool-calls', rawReason: status }
  return { reason: held.refusal ? 'refusal' : 'stop', rawReason: status }
}

const incompleteWords: Partial<Record<FinishReason, string>> = {
  length: 'max_output_tokens',
  'context-length': 'max_output_tokens',
  'content-filter': 'content_filter',
}

/** The fields of a response that tell why it ended. */
export function encodeFinish(
  reason: FinishReason,
  rawReason: string | undefined,
  told: Pick<Held, 'refusal'>,
): { readonly status: string; readonly incomplete_details: JsonObject | null } {
  // said without words, a refusal is the filter's
  const word = reason === 'refusal' && !told.refusal ? 'content_filter' : incompleteWords[reason]
  if (word !== undefined) return { status: 'incomplete', incomplete_details: { reason: word } }
  const steered = reason === 'other' && (rawReason === 'steered' || rawReason === 'max_messages')
  return steered
    ? { status: 'incomplete', incomplete_details: { reason: rawReason } }
    : { status: 'completed', incomplete_details: null }
}
