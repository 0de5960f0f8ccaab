import type { JsonObject } from '@switchyard/core/contract'

export type OutputCapParameter = 'max_tokens' | 'max_completion_tokens'

/** Of two caps the newer word counts. */
export function decodeOutputCap(fields: JsonObject): number | undefined {
  const cap = fields.max_completion_tokens ?? fields.max_tokens
  return typeof cap === 'number' ? cap : undefined
}

/** The cap in the word that the target takes, else as the caller said it. */
export function encodeOutputCap(cap: number, extra: JsonObject, parameter: OutputCapParameter | undefined): JsonObject {
  if (parameter !== undefined) return { [parameter]: cap }
  if (typeof extra.max_tokens !== 'number') return { max_completion_tokens: cap }
  if (decodeOutputCap(extra) === cap && typeof extra.max_completion_tokens === 'number')
    return { max_tokens: extra.max_tokens, max_completion_tokens: cap }
  return { max_tokens: cap }
}
