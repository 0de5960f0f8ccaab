import type { JsonObject, JsonValue } from '@switchyard/core/contract'
import { isObject, type JsonDraft } from '../json.ts'

/** What the server takes in place of a signature on a call that its model did not make. */
export const foreignSignature = 'skip_thought_signature_validator'

/** A part of the wire, and the field in which we keep where the signed part of a text begins. */
export interface SignedText {
  readonly text: string
  readonly signature: string | undefined
  /** The text before this place came in parts without a signature; default 0. */
  readonly signedFrom: JsonValue | undefined
  /** It was thought, not said. */
  readonly thought?: true
}

/**
 * A signature belongs to the part that it came on: a text of which only the end was signed is told in two parts, as
 * it came.
 */
export function signedTextParts(
  { text, signature, signedFrom, thought }: SignedText,
  fields: JsonObject,
): JsonObject[] {
  const kind = thought && { thought }
  if (signature === undefined) return text === '' ? [] : [{ ...fields, text, ...kind }]
  const from = typeof signedFrom === 'number' ? signedFrom : 0
  const signed = { ...fields, text: text.slice(from), ...kind, thoughtSignature: signature }
  return from > 0 ? [{ text: text.slice(0, from), ...kind }, signed] : [signed]
}

/**
 * Within the current turn the server wants the first call of each answer signed. What another provider's model called,
 * or a client that cannot keep signatures, has none. The turn is taken to begin where the user speaks without results:
 * a signature too many does no harm.
 */
export function signForeignCalls(contents: readonly { readonly role: string; readonly parts: JsonObject[] }[]): void {
  for (const { role, parts } of [...contents].reverse()) {
    if (role === 'user') {
      if (parts.every(part => part.functionResponse === undefined)) return
      continue
    }
    const first = parts.findIndex(part => isObject(part.functionCall))
    const call: JsonDraft | undefined = parts[first]
    if (call !== undefined && call.thoughtSignature === undefined)
      parts[first] = { ...call, thoughtSignature: foreignSignature }
  }
}
