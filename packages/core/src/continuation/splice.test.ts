import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MessageChunk } from '../contract/chunk.ts'
import { isSwitchyardError } from '../contract/errors.ts'
import { GrammarChecker } from '../grammar/grammar-checker.ts'
import { plainUsage } from '../testing/index.ts'
import { prefill } from './prefill.ts'
import { shownAnswer } from './shown-answer.ts'
import { Splice } from './splice.ts'

const start = (model: string): MessageChunk => ({ type: 'start', model })
const delta = (id: number, text: string): MessageChunk => ({ type: 'text-delta', id, text })
const begins = (id: number): MessageChunk => ({ type: 'text-start', id })
const ends = (id: number): MessageChunk => ({ type: 'text-end', id, complete: true })
const finish: MessageChunk = { type: 'finish', reason: 'stop' }
const broken = [[start('a/m'), begins(0), delta(0, 'Hello, ')]]
const joined = (model = 'b/m', shown = broken) => new Splice(shownAnswer(shown), { target: model, reason: 'network' })

describe('an attempt joined to an answer that broke', () => {
  it('shows nothing until it has said all that was shown, then goes on in the same block', () => {
    const splice = joined()
    expect(splice.take([start('b/m'), begins(3)])).toEqual([])
    expect(splice.take([delta(3, 'Hel')])).toEqual([])
    expect(splice.take([delta(3, 'lo, wor')])).toEqual([
      { type: 'target', model: 'b/m', reason: 'network' },
      delta(0, 'wor'),
    ])
    expect(splice.take([delta(3, 'ld.'), ends(3), finish])).toEqual([delta(0, 'ld.'), ends(0), finish])
  })

  it('says nothing of a target where the same one goes on', () => {
    const splice = joined('a/m')
    expect(splice.take([start('a/m'), begins(0), delta(0, 'Hello, you.')])).toEqual([delta(0, 'you.')])
  })

  it('ends with what was shown where there is no more', () => {
    const splice = joined('a/m')
    expect(splice.take([start('a/m'), begins(0), delta(0, 'Hello, ')])).toEqual([])
    expect(splice.take([ends(0), finish])).toEqual([ends(0), finish])
  })

  it('goes on in a new block where the last one had ended', () => {
    const splice = joined('a/m', [[...(broken[0] ?? []), ends(0)]])
    expect(splice.take([start('a/m'), begins(0), delta(0, 'Hello, you.'), ends(0), finish])).toEqual([
      begins(1),
      delta(1, 'you.'),
      ends(1),
      finish,
    ])
  })

  it('leaves out what belongs to a block that is shown whole', () => {
    const cited: MessageChunk = { ...delta(0, ''), extra: { x: { citation: 1 } } } as MessageChunk
    const splice = joined('a/m', [[...(broken[0] ?? []), cited, ends(0)]])
    expect(splice.take([start('a/m'), begins(0), delta(0, 'Hello, '), cited, ends(0), finish])).toEqual([finish])
  })

  it('leaves out reasoning until it has joined, and gives later blocks ids of their own', () => {
    const thought = (id: number): MessageChunk[] => [
      { type: 'reasoning-start', id, origin: 'x' },
      { type: 'reasoning-delta', id, text: 'Hm.' },
      { type: 'reasoning-end', id, complete: true },
    ]
    const call: MessageChunk[] = [
      { type: 'tool-call-start', id: 3, callId: 'call_1', name: 'search' },
      { type: 'tool-call-end', id: 3, complete: true, input: {} },
    ]
    const splice = joined('a/m')
    expect(splice.take([start('a/m'), ...thought(0), begins(1), delta(1, 'Hello, '), ends(1)])).toEqual([ends(0)])
    expect(splice.take([...thought(2), ...call])).toEqual([...thought(1), { ...call[0], id: 2 }, { ...call[1], id: 2 }])
  })

  it('ends what the broken attempt left open beside its text', () => {
    const open: MessageChunk = { type: 'reasoning-start', id: 1, origin: 'x' }
    const splice = joined('a/m', [...broken, [open]])
    expect(splice.take([start('a/m'), begins(0), delta(0, 'Hello, you.')])).toEqual([
      { type: 'reasoning-end', id: 1, complete: false },
      delta(0, 'you.'),
    ])
  })

  it('goes on behind the words that it was to say once more', () => {
    const text = 'It was a dark and stormy night, and'
    const shown = shownAnswer([[start('a/m'), begins(0), delta(0, text)]])
    const asked = prefill({ messages: [] }, text)
    const make = (): Splice => new Splice(shown, { target: 'b/m', reason: 'network', ...(asked && { prefill: asked }) })
    const goesOn = make()
    expect(goesOn.take([start('a/m'), begins(0), delta(0, `${asked?.overlap} the`)])).toEqual([delta(0, ' the')])
    expect(goesOn.isPrefilled).toBe(true)
    expect(goesOn.usage(plainUsage(30, 5))).toEqual(plainUsage(30, 5 + (asked?.tokens ?? 0)))
    const beginsAnew = make()
    expect(beginsAnew.take([start('a/m'), begins(0), delta(0, `${text} the`)])).toEqual([delta(0, ' the')])
    expect(beginsAnew.isPrefilled).toBe(false)
    expect(beginsAnew.usage(plainUsage(30, 5))).toEqual(plainUsage(30, 5))
    expect(() => make().take([start('a/m'), begins(0), delta(0, 'And so')])).toThrow('b/m answered other words')
  })

  it.each<[string, MessageChunk[]]>([
    ['says something else', [begins(0), delta(0, 'Help')]],
    ['calls a tool', [{ type: 'tool-call-start', id: 0, callId: 'call_1', name: 'search' }]],
    ['says what nobody else understands', [{ type: 'opaque-start', id: 0, origin: 'x', value: 1 }]],
    ['gives several choices', [{ type: 'text-start', id: 0, choice: 1 }]],
    ['ends before', [begins(0), delta(0, 'Hello'), ends(0), { type: 'finish', reason: 'length' }]],
  ])('has answered other words when it %s', (_, chunks) => {
    const splice = joined()
    try {
      splice.take([start('b/m'), ...chunks])
      expect.unreachable()
    } catch (error) {
      expect(isSwitchyardError(error, 'unsupported') && error.code).toBe('other-words')
    }
  })

  it('says how far it agreed, and no word of either answer', () => {
    const splice = joined()
    expect(splice.take([start('b/m'), begins(0), delta(0, 'Hel')])).toEqual([])
    expect(() => splice.take([delta(0, 'p!')])).toThrow(
      /^b\/m answered other words after 3 of the 7 characters that it had to say again\.$/,
    )
  })

  it('shows each piece of a text once and in order, however it was cut and comes', () => {
    const text = fc.string({ minLength: 1, maxLength: 40 })
    const sizes = fc.array(fc.integer({ min: 0, max: 7 }), { minLength: 1, maxLength: 12 })
    // each attempt begins anew and breaks a little later than the one before
    const attempts = fc.array(fc.record({ sizes, more: fc.nat(10), thinks: fc.boolean(), newBlock: fc.boolean() }), {
      minLength: 1,
      maxLength: 4,
    })
    fc.assert(
      fc.property(text, attempts, (whole, made) => {
        const batches: (readonly MessageChunk[])[] = []
        let reached = 0
        for (const [index, { sizes, more, thinks, newBlock }] of made.entries()) {
          const last = index === made.length - 1
          const splice =
            reached === 0 ? undefined : new Splice(shownAnswer(batches), { target: `${index}/m`, reason: 'network' })
          reached = last ? whole.length : Math.min(whole.length, Math.max(1, reached + more))
          const all: MessageChunk[][] = [[start(`${index}/m`)]]
          if (thinks)
            all.push(
              [{ type: 'reasoning-start', id: 0, origin: 'x' }],
              [{ type: 'reasoning-end', id: 0, complete: true }],
            )
          let id = 1
          all.push([begins(id)])
          for (let at = 0, turn = 0; at < reached; turn++) {
            const size = sizes.every(one => one === 0) ? 1 : (sizes[turn % sizes.length] ?? 1)
            all.push([delta(id, whole.slice(at, Math.min(reached, at + size)))])
            at += size
            if (newBlock && turn % 3 === 2) all.push([ends(id), begins(++id)])
          }
          if (last) all.push([ends(id)], [finish])
          for (const batch of all) {
            const news = splice === undefined ? batch : splice.take(batch)
            if (news.length > 0) batches.push(news)
          }
        }
        const checker = new GrammarChecker()
        let shown = ''
        for (const chunk of batches.flat()) {
          checker.add(chunk)
          if (chunk.type === 'text-delta') shown += chunk.text
        }
        checker.end()
        expect(shown).toBe(whole)
      }),
      { numRuns: 500 },
    )
  })

  it('lets nothing through of an attempt that differs anywhere before', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 2, maxLength: 30 }), fc.nat(), fc.nat(5), (whole, where, size) => {
        const at = where % whole.length
        const other = `${whole.slice(0, at)}${whole[at] === '#' ? '*' : '#'}${whole.slice(at + 1)}`
        const splice = joined('b/m', [[start('a/m'), begins(0), delta(0, whole)]])
        expect(() => {
          expect(splice.take([start('b/m'), begins(0)])).toEqual([])
          for (let from = 0; from < other.length; from += size + 1)
            expect(splice.take([delta(0, other.slice(from, from + size + 1))])).toEqual([])
          splice.take([ends(0), finish])
        }).toThrow('other words')
      }),
    )
  })
})
