import type { DialectExtra, JsonObject } from '@switchyard/core/contract'
import type { AnswerContext } from '../answer-context.ts'
import { keepExtra } from '../extra.ts'
import type { JsonDraft } from '../json.ts'
import { isDirect } from './decode-assistant-block.ts'
import { dialect } from './names.ts'

type Extra = { readonly extra: DialectExtra } | undefined

const textFields = new Set(['type', 'text', 'citations'])
const thinkingFields = new Set(['type', 'thinking', 'signature'])
const callFields = new Set(['type', 'id', 'name', 'input', 'caller'])

/** What a block of text says beside its text. */
export function textExtra(block: JsonObject): Extra {
  const rest = others(block, textFields)
  if (block.citations != null) rest.citations = block.citations
  return keepExtra(dialect, rest)
}

/** What a thinking block says beside its thoughts, and whose they are: no other model takes them back. */
export function thinkingExtra(block: JsonObject, { model }: AnswerContext): Extra {
  const rest = others(block, thinkingFields)
  if (model !== undefined) rest.model = model
  return keepExtra(dialect, rest)
}

/** What a call says beside its name and input; `id` is ours. */
export function callExtra(block: JsonObject, id: string): Extra {
  const rest = others(block, callFields)
  if (block.caller != null && !(isDirect(block.caller) && Object.keys(block.caller).length === 1))
    rest.caller = block.caller
  if (typeof block.id === 'string' && block.id !== '' && block.id !== id) rest.id = block.id
  return keepExtra(dialect, rest)
}

function others(block: JsonObject, known: ReadonlySet<string>): JsonDraft {
  const rest: JsonDraft = {}
  for (const key in block) if (!known.has(key)) rest[key] = block[key]
  return rest
}
