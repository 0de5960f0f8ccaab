import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MessageChunk } from '../contract/chunk.ts'
import { anyChunks } from '../contract/response.fixture.ts'
import { GrammarChecker } from './grammar-checker.ts'

function check(chunks: readonly MessageChunk[]): void {
  const checker = new GrammarChecker()
  for (const chunk of chunks) checker.add(chunk)
  checker.end()
}

const start: MessageChunk = { type: 'start', model: 'a/b' }
const finish: MessageChunk = { type: 'finish', reason: 'stop' }
const open: MessageChunk = { type: 'text-start', id: 0 }
const close: MessageChunk = { type: 'text-end', id: 0, complete: true }
const call: MessageChunk = { type: 'tool-call-start', id: 1, callId: 'call_1', name: 'add' }
const callEnd: MessageChunk = { type: 'tool-call-end', id: 1, complete: true, input: {} }

describe('the grammar', () => {
  it('takes every stream that keeps it', () => {
    fc.assert(fc.property(anyChunks, ({ chunks }) => check(chunks)))
  })

  it('refuses every such stream from which a start, an end or the finish was taken', () => {
    fc.assert(
      fc.property(anyChunks, fc.nat(), ({ chunks }, where) => {
        const needed = chunks.flatMap((chunk, at) => (/start$|end$|finish/.test(chunk.type) ? [at] : []))
        const hole = needed[where % needed.length] as number
        // a start without deltas leaves an end alone, an end leaves its block open
        expect(() => check(chunks.filter((_, at) => at !== hole))).toThrow(
          expect.objectContaining({ kind: 'protocol' }),
        )
      }),
    )
  })

  it('refuses every such stream in which a start, an end or the finish came twice', () => {
    fc.assert(
      fc.property(anyChunks, fc.nat(), ({ chunks }, where) => {
        const once = chunks.flatMap((chunk, at) => (/start$|end$|finish/.test(chunk.type) ? [at] : []))
        const twice = once[where % once.length] as number
        expect(() => check([...chunks.slice(0, twice + 1), ...chunks.slice(twice)])).toThrow(
          expect.objectContaining({ kind: 'protocol' }),
        )
      }),
    )
  })

  it('refuses every such stream when a block changes its kind on the way', () => {
    fc.assert(
      fc.property(anyChunks, ({ chunks }) => {
        const at = chunks.findIndex(chunk => chunk.type.endsWith('-delta'))
        fc.pre(at >= 0)
        const { id, type } = chunks[at] as MessageChunk & { id: number }
        const changed: MessageChunk =
          type === 'text-delta' ? { type: 'reasoning-delta', id, text: 'a' } : { type: 'text-delta', id, text: 'a' }
        expect(() => check(chunks.with(at, changed))).toThrow('which is')
      }),
    )
  })

  it('lets pings and targets come between anything', () => {
    const target: MessageChunk = { type: 'target', model: 'c/d', reason: 'truncated' }
    check([start, { type: 'ping' }, open, target, { type: 'ping' }, close, finish])
  })

  it.each<[string, readonly MessageChunk[]]>([
    ['a ping came before start', [{ type: 'ping' }]],
    ['a text-start came before start', [open]],
    ['a second start came', [start, start]],
    ['a ping came after finish', [start, finish, { type: 'ping' }]],
    ['a finish came after finish', [start, finish, finish]],
    ['it ended before start', []],
    ['it ended without finish', [start, open, close]],
    ['finish came while block 0 (text) was open', [start, open, finish]],
    ['block 0 was started while it was open', [start, open, open]],
    ['block 0 was started again after its end', [start, open, close, open]],
    ['text-delta came for block 0, which was never started', [start, { type: 'text-delta', id: 0, text: '' }]],
    ['text-end came for block 0, which had ended', [start, open, close, close]],
    ['tool-call-delta came for block 0, which is text', [start, open, { type: 'tool-call-delta', id: 0, text: '' }]],
    ['must have either input or invalid', [start, call, { type: 'tool-call-end', id: 1, complete: true } as never]],
    [
      'must have either input or invalid',
      [start, call, { ...callEnd, invalid: { text: '', reason: '' } } as unknown as MessageChunk],
    ],
    ['the tool call id "call_1" came twice', [start, call, callEnd, { ...call, id: 2 } as MessageChunk]],
    ['is not 1 to 40 of [A-Za-z0-9_-]', [start, { ...call, callId: 'a'.repeat(41) } as MessageChunk]],
    ['is not 1 to 40 of [A-Za-z0-9_-]', [start, { ...call, callId: 'functions.add:0' } as MessageChunk]],
    ['belongs to choice -1', [start, { ...open, choice: -1 } as MessageChunk]],
    ['"text" is no type of chunk', [start, { type: 'text' } as unknown as MessageChunk]],
  ])('says that %s', (what, chunks) => {
    expect(() => check(chunks)).toThrow(
      expect.objectContaining({ kind: 'protocol', message: expect.stringContaining(what) }),
    )
  })
})
