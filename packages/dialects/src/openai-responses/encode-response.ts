import type { JsonObject, MessageResponse } from '@switchyard/core/contract'
import { extraOf } from '../extra.ts'
import { encodeFinish } from './finish-reason.ts'
import { dialect } from './names.ts'
import { encodeOutput } from './output-items.ts'
import { encodeUsage } from './usage.ts'

export interface EncodeResponseOptions {
  /** Stands in the answer instead of its own `provider/model`. */
  readonly model?: string
  /** The answer's id where it has none. */
  readonly id?: string
  /** Seconds since 1970, where the answer does not say. */
  readonly created?: number
}

/** The body that a client of this dialect reads; other choices than the first have no place in it. */
export function encodeResponse(response: MessageResponse, options: EncodeResponseOptions = {}): JsonObject {
  const { content, reason, rawReason, usage } = response
  const refusal = content.some(part => part.type === 'text' && part.refusal === true)
  const { model: _, ...extra } = extraOf(response, dialect)
  const id = response.id ?? options.id ?? 'resp_0'
  return {
    ...usualFields,
    ...extra,
    id,
    object: 'response',
    created_at: response.created ?? options.created ?? 0,
    ...encodeFinish(reason, rawReason, { refusal }),
    error: null,
    model: options.model ?? response.model,
    output: encodeOutput(content, id),
    ...(usage && { usage: encodeUsage(usage) }),
    ...(response.simulated && { simulated: true }),
  }
}

/** What clients look for in each response. */
export const usualFields: JsonObject = {
  instructions: null,
  metadata: {},
  parallel_tool_calls: true,
  temperature: null,
  tool_choice: 'auto',
  tools: [],
  top_p: null,
}
