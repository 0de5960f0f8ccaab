import type { JsonObject } from '@switchyard/core/contract'
import { isObject, type JsonDraft } from './json.ts'

/** Puts fields that came in pieces together, as an accumulated answer does. */
export function joinFields(into: JsonDraft, fields: JsonObject | undefined): void {
  for (const key in fields) into[key] = joinLists(into[key], fields[key])
}

// logprobs come with each piece of each block, as lists under `content` and `refusal`
function joinLists(first: JsonDraft[string], second: JsonDraft[string]): JsonDraft[string] {
  if (Array.isArray(first) && Array.isArray(second)) return [...first, ...second]
  if (!isObject(first) || !isObject(second)) return second
  const joined: JsonDraft = { ...first }
  for (const key in second) joined[key] = joinLists(joined[key], second[key])
  return joined
}
