import type { Message, MessageChunk, ResponsePart } from '@switchyard/core'
import { describe, expect, test } from 'vitest'
import { ReasoningMemory, type ReasoningMemoryOptions } from './reasoning-memory.ts'

const thought: ResponsePart = { type: 'reasoning', text: 'Hm.', signature: 'signed', origin: 'other' }
const call = (id: string, extra?: object): ResponsePart =>
  ({ type: 'tool-call', id, name: 'look', input: { id }, ...(extra && { extra }) }) as ResponsePart
const text = (said: string): ResponsePart => ({ type: 'text', text: said })
const assistant = (...content: readonly ResponsePart[]): Message => ({ role: 'assistant', content })
const user: Message = { role: 'user', content: 'Go on.' }

function memory(options: Partial<ReasoningMemoryOptions> = {}): ReasoningMemory {
  return new ReasoningMemory({ dialect: 'mine', ...options })
}

describe('what a client could not carry', () => {
  test('is put back where it stood, found by the ids of the calls', () => {
    const kept = memory()
    const answer = [
      thought,
      text('A moment.'),
      { ...thought, text: 'Both.' },
      call('a', { other: { sign: 1 } }),
      call('b'),
    ]
    kept.keep(answer)
    const sent = [user, assistant(text('A moment.'), call('a'), call('b')), user]
    expect(kept.restored(sent)).toEqual([user, assistant(...answer), user])
  })

  test('may be what came with a text, or a text that says nothing', () => {
    const kept = memory()
    const signed = { other: { signature: 's' } }
    const silent = { ...text(''), extra: signed } as ResponsePart
    kept.keep([{ ...text('Hi.'), extra: signed } as ResponsePart, call('a'), silent])
    expect(kept.restored([assistant(text('Hi.'), call('a'))])).toEqual([
      assistant({ ...text('Hi.'), extra: signed } as ResponsePart, call('a'), silent),
    ])
  })

  test('stands beside what the client says itself in its own dialect', () => {
    const kept = memory()
    const own = { type: 'opaque', origin: 'mine', value: { sound: 1 } } as const
    const foreign = { type: 'opaque', origin: 'other', value: { search: 1 } } as const
    kept.keep([own, foreign, call('a', { mine: { index: 0 }, 'mine/choice': { x: 1 }, other: { y: 1 } })])
    expect(kept.restored([assistant(own, call('a', { mine: { index: 0 } }))])).toEqual([
      assistant(own, foreign, call('a', { mine: { index: 0 }, other: { y: 1 } })),
    ])
  })

  test('is kept of a stream as of a whole answer', () => {
    const chunks: readonly MessageChunk[] = [
      { type: 'start', model: 'p/m' },
      { type: 'reasoning-start', id: 0, origin: 'other' },
      { type: 'reasoning-delta', id: 0, text: 'H' },
      { type: 'reasoning-delta', id: 0, text: 'm.' },
      { type: 'reasoning-end', id: 0, complete: true, signature: 'signed' },
      { type: 'text-start', id: 1 },
      { type: 'text-delta', id: 1, text: 'A mo' },
      { type: 'text-delta', id: 1, text: 'ment.', extra: { other: { signature: 's' } } },
      { type: 'text-end', id: 1, complete: true },
      { type: 'tool-call-start', id: 2, callId: 'a', name: 'look' },
      { type: 'tool-call-delta', id: 2, text: '{"id":"a"}' },
      { type: 'tool-call-end', id: 2, complete: true, input: { id: 'a' } },
    ]
    const finish: MessageChunk = { type: 'finish', reason: 'tool-calls' }
    const kept = memory()
    const listen = kept.listener()
    for (const chunk of chunks) listen([chunk])
    expect(kept.size).toBe(0)
    listen([finish])
    const sent = [assistant(text('A moment.'), call('a'))]
    const whole = [
      assistant(thought, { ...text('A moment.'), extra: { other: { signature: 's' } } } as ResponsePart, call('a')),
    ]
    expect(kept.restored(sent)).toEqual(whole)
    const inOne = memory()
    inOne.listener()([...chunks, finish])
    expect(inOne.restored(sent)).toEqual(whole)
  })
})

describe('nothing is kept', () => {
  test('of an answer without calls, or one that the client can carry whole', () => {
    const kept = memory()
    kept.keep([thought, text('Hi.')])
    kept.keep([text('Hi.'), { ...thought, origin: 'mine' } as ResponsePart, call('a', { mine: { x: 1 } })])
    const listen = kept.listener()
    listen([{ type: 'start', model: 'p/m' }])
    listen([{ type: 'finish', reason: 'stop' }])
    expect(kept.size).toBe(0)
  })

  test('beyond the bounds: the least recently used goes first', () => {
    const kept = memory({ maxAnswers: 2 })
    for (const id of ['a', 'b']) kept.keep([thought, call(id)])
    kept.restored([assistant(call('a'))])
    kept.keep([thought, call('c')])
    expect(kept.size).toBe(2)
    const sent = ['a', 'b', 'c'].map(id => assistant(call(id)))
    expect(kept.restored(sent).map(message => message.content.length)).toEqual([2, 1, 2])
    const small = memory({ maxCharacters: 150 })
    small.keep([{ ...thought, text: 'x'.repeat(200) } as ResponsePart, call('a')])
    expect(small.size).toBe(0)
    for (const id of ['a', 'a', 'b']) small.keep([thought, call(id)])
    expect(small.size).toBe(1)
    expect(small.restored([assistant(call('b'))])[0]?.content).toHaveLength(2)
  })
})

describe('a conversation is left as it is', () => {
  test('where nothing of it is known', () => {
    const kept = memory()
    const sent = [user, assistant(call('a')), { role: 'assistant', content: 'Said.' } as const]
    expect(kept.restored(sent)).toBe(sent)
    kept.keep([thought, call('b')])
    expect(kept.restored(sent)).toBe(sent)
  })

  test('where the calls only have the ids of those that are known, as with servers that give everybody the same', () => {
    const kept = memory()
    kept.keep([thought, call('call_0')])
    for (const other of [
      { name: 'listen' },
      { input: { id: 'other' } },
      { input: undefined, invalid: { text: '{' } },
    ]) {
      const sent = [assistant({ ...call('call_0'), ...other } as ResponsePart)]
      expect(kept.restored(sent)).toBe(sent)
    }
  })

  test('but for the order of what its arguments say, which clients change', () => {
    const kept = memory()
    const look = (input: object) => ({ ...call('a'), input }) as ResponsePart
    kept.keep([thought, look({ b: [{ d: 1, c: 'é' }], a: null })])
    const [restored] = kept.restored([assistant(look({ a: null, b: [{ c: 'é', d: 1 }] }))])
    expect(restored?.content).toHaveLength(2)
  })

  test('where the client has made another turn of it', () => {
    const kept = memory()
    kept.keep([thought, call('a'), call('b')])
    for (const calls of [['a'], ['a', 'c'], ['a', 'b', 'c']]) {
      const sent = [assistant(...calls.map(id => call(id)))]
      expect(kept.restored(sent)).toBe(sent)
    }
  })
})
