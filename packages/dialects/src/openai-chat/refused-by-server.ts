import type { JsonObject } from '@switchyard/core/contract'
import type { Dropped } from '../dropped.ts'
import type { JsonDraft } from '../json.ts'
import { harmlessFields } from './request-fields.ts'

/** Takes out what the server refuses, whichever model answers: fields of the body, and `messages[].name`. */
export function dropFieldsRefused(body: JsonDraft, fields: readonly string[], dropped: Dropped): void {
  for (const field of fields) {
    if (field === 'messages[].name') dropNames(body, dropped)
    const value = body[field]
    if (value === undefined) continue
    delete body[field]
    if (value === null || harmlessFields(field, value)) continue
    dropped.add(field === 'prompt_cache_key' ? 'cacheKey' : field, 'the server does not take it')
  }
}

function dropNames(body: JsonDraft, dropped: Dropped): void {
  const messages = body.messages as readonly JsonObject[]
  if (!messages.some(({ name }) => name !== undefined)) return
  body.messages = messages.map(({ name, ...rest }, at) => {
    if (name !== undefined && name !== null) dropped.add(`messages[${at}].name`, 'the server does not take it')
    return rest
  })
}
