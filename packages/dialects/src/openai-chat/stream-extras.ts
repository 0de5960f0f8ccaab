import type { DialectExtra, JsonObject, MessageChunk } from '@switchyard/core/contract'
import type { JsonDraft } from '../json.ts'
import type { ChoiceBlocks } from './stream-blocks.ts'

/** Whether a field of an event's top level has a word of ours, or none is needed. */
export function isToldElsewhere(key: string): boolean {
  switch (key) {
    case 'id':
    case 'object':
    case 'created':
    case 'model':
    case 'choices':
    case 'usage':
    case 'obfuscation':
    case 'simulated':
      return true
    default:
      return false
  }
}

/** The fields of a choice that have no word of ours. */
export function choiceRest(choice: JsonObject): JsonDraft | undefined {
  let rest: JsonDraft | undefined
  for (const key in choice) {
    if (key === 'index' || key === 'delta' || key === 'finish_reason') continue
    const value = choice[key]
    if (value === undefined || (value === null && key === 'logprobs')) continue
    rest ??= {}
    rest[key] = value
  }
  return rest
}

/** Such fields travel with a chunk of the event they came in, else with the choice's end. */
export function attach(
  rest: DialectExtra,
  blocks: ChoiceBlocks,
  from: number,
  ends: boolean,
  out: MessageChunk[],
): void {
  const last = out.length > from ? out[out.length - 1] : undefined
  if (last?.type === 'text-delta' || last?.type === 'reasoning-delta' || last?.type === 'tool-call-delta') {
    out[out.length - 1] = { ...last, extra: last.extra === undefined ? rest : { ...last.extra, ...rest } }
    return
  }
  const { spoken } = blocks
  if (!ends && spoken !== undefined)
    out.push({
      type: spoken.kind === 'reasoning' ? 'reasoning-delta' : 'text-delta',
      id: spoken.id,
      text: '',
      extra: rest,
    })
  else blocks.extra = merged(blocks.extra, rest)
}

/** Both, the second over the first. */
export function merged(first: DialectExtra | undefined, second: DialectExtra): DialectExtra {
  if (first === undefined) return second
  const all: Record<string, JsonObject> = { ...first }
  for (const [name, fields] of Object.entries(second)) all[name] = { ...all[name], ...fields }
  return all
}
