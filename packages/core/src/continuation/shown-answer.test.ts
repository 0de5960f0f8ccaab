import { describe, expect, it } from 'vitest'
import type { MessageChunk } from '../contract/chunk.ts'
import { shownAnswer } from './shown-answer.ts'

const start: MessageChunk = { type: 'start', model: 'a/m' }
const text = (id: number, words: string): MessageChunk[] => [
  { type: 'text-start', id },
  { type: 'text-delta', id, text: words },
]

describe('what was shown of an answer', () => {
  it('is its text over all blocks, the block that it goes on in, and what is still open', () => {
    const batches: MessageChunk[][] = [
      [start, { type: 'reasoning-start', id: 0, origin: 'x' }, { type: 'reasoning-delta', id: 0, text: 'Hm.' }],
      [{ type: 'ping' }, ...text(1, 'One, '), { type: 'text-end', id: 1, complete: true }, ...text(4, 'two')],
      [{ type: 'text-delta', id: 4, text: ', three' }],
    ]
    expect(shownAnswer(batches)).toEqual({
      text: 'One, two, three',
      openText: 4,
      cut: [{ id: 0, type: 'reasoning' }],
      nextId: 5,
      model: 'a/m',
    })
  })

  it('has no block to go on in where its last text has ended', () => {
    const shown = shownAnswer([[start, ...text(0, 'One'), { type: 'text-end', id: 0, complete: true }]])
    expect(shown).toEqual({ text: 'One', cut: [], nextId: 1, model: 'a/m' })
  })

  it('names who answers by now', () => {
    const shown = shownAnswer([[start, ...text(0, 'One'), { type: 'target', model: 'b/m', reason: 'network' }]])
    expect(shown.model).toBe('b/m')
  })

  it.each<[string, MessageChunk[]]>([
    ['a tool call had been shown', [{ type: 'tool-call-start', id: 7, callId: 'call_1', name: 'search' }]],
    [
      'it had shown what only its own provider understands',
      [{ type: 'opaque-start', id: 7, origin: 'x', value: 'sound' }],
    ],
    ['it is one of several choices', [{ type: 'text-start', id: 7, choice: 1 }]],
    [
      'it came with log probabilities',
      [{ type: 'text-delta', id: 0, text: '', extra: { 'openai-chat': { logprobs: { content: [] } } } }],
    ],
    ['its own provider told it in no order', [{ type: 'text-delta', id: 7, text: 'lost' }]],
  ])('cannot be gone on with where %s', (obstacle, chunks) => {
    expect(shownAnswer([[start, ...text(0, 'One')], chunks]).obstacle).toBe(obstacle)
  })
})
