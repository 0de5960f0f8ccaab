import type { DialectExtra, JsonObject } from '@switchyard/core/contract'
import type { JsonDraft } from './json.ts'

const none: JsonObject = {}

/** What this dialect kept on a request, a message, a part or an answer. */
export function extraOf(holder: { readonly extra?: DialectExtra }, dialect: string): JsonObject {
  return holder.extra?.[dialect] ?? none
}

/** `{ extra }` to spread, or nothing where no field has to be kept. */
export function keepExtra(dialect: string, fields: JsonObject): { readonly extra: DialectExtra } | undefined {
  for (const _ in fields) return { extra: { [dialect]: fields } }
  return undefined
}

/** The fields that are not among the known ones, and known ones that are null. */
export function unknownFields(object: JsonObject, known: ReadonlySet<string>): JsonDraft {
  const rest: JsonDraft = {}
  for (const key in object) if (!known.has(key) || object[key] === null) rest[key] = object[key]
  return rest
}
