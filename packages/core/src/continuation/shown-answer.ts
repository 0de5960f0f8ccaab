import type { MessageChunk } from '../contract/chunk.ts'

/** What a consumer has of an answer that broke, as far as whoever goes on with it has to know. */
export interface ShownAnswer {
  /** All of its text, whatever blocks it came in. */
  readonly text: string
  /** The block that its text goes on in; absent where that has ended. */
  readonly openText?: number
  /** Other blocks that nobody has ended. */
  readonly cut: readonly CutBlock[]
  /** The first id that no block has. */
  readonly nextId: number
  /** `provider/model` that it names as answering. */
  readonly model: string
  /** Why no other attempt can go on with it, in words. */
  readonly obstacle?: string
}

interface CutBlock {
  readonly id: number
  readonly type: 'text' | 'reasoning'
}

/** Reads what was shown; made only when an answer breaks. */
export function shownAnswer(batches: readonly (readonly MessageChunk[])[]): ShownAnswer {
  const open = new Map<number, CutBlock['type']>()
  let text = ''
  let last: number | undefined
  let nextId = 0
  let model = ''
  let obstacle: string | undefined
  for (const batch of batches) {
    for (const chunk of batch) {
      const { id, choice = 0 } = chunk as { readonly id?: unknown; readonly choice?: number }
      if (typeof id === 'number') nextId = Math.max(nextId, id + 1)
      if (choice > 0) obstacle ??= 'it is one of several choices'
      switch (chunk.type) {
        case 'start':
        case 'target':
          model = chunk.model
          break
        case 'text-start':
        case 'reasoning-start':
          open.set(chunk.id, chunk.type === 'text-start' ? 'text' : 'reasoning')
          break
        case 'text-delta':
          text += chunk.text
          last = chunk.id
          if (open.get(last) !== 'text') obstacle ??= 'its own provider told it in no order'
          if (chunk.extra !== undefined && hasLogprobs(chunk.extra)) obstacle ??= 'it came with log probabilities'
          break
        case 'text-end':
        case 'reasoning-end':
          open.delete(chunk.id)
          break
        case 'tool-call-start':
          obstacle ??= 'a tool call had been shown'
          break
        case 'opaque-start':
          obstacle ??= 'it had shown what only its own provider understands'
      }
    }
  }
  const openText = last !== undefined && open.delete(last) ? last : undefined
  return {
    text,
    cut: [...open].map(([id, type]) => ({ id, type })),
    nextId,
    model,
    ...(openText !== undefined && { openText }),
    ...(obstacle !== undefined && { obstacle }),
  }
}

function hasLogprobs(extra: object): boolean {
  return Object.values(extra).some(fields => Object.keys(fields ?? {}).some(name => /logprobs/i.test(name)))
}
