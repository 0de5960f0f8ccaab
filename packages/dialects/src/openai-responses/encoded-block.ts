import type { BlockChunk, JsonObject, JsonValue } from '@switchyard/core/contract'
import { isObject } from '../json.ts'
import { isEvent } from './opaque-items.ts'
import type { EventWriter } from './stream-events.ts'

export type Chunk<Type extends BlockChunk['type']> = Extract<BlockChunk, { readonly type: Type }>
export type DeltaChunk = Chunk<'text-delta' | 'reasoning-delta' | 'tool-call-delta' | 'opaque-delta'>
export type EndChunk = Chunk<'text-end' | 'reasoning-end' | 'tool-call-end' | 'opaque-end'>

/** A block while its events are being written. */
export interface EncodedBlock {
  begin(): string
  delta(chunk: BlockChunk): string
  end(chunk: EndChunk): string
}

/** Events that have no word here, in their place again. */
export function strangeEvents(events: JsonValue | undefined, place: JsonObject, writer: EventWriter): string {
  let text = ''
  for (const event of list(events)) {
    if (isObject(event) && typeof event.type === 'string' && isEvent(event.type))
      text += writer.write(event.type, { ...place, ...event })
  }
  return text
}

export function list(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : []
}
