import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { generate } from './generation.ts'
import { countTokens, tokensOf } from './token-count.ts'

const callId = (index: number) => `call_${index}`

describe('tokens', () => {
  it('join to the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        expect(tokensOf(text).join('')).toBe(text)
      }),
    )
  })
})

describe('an answer under a limit', () => {
  it('is the beginning of the answer without one, and never longer than the limit', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), fc.json(), (text, maxTokens, json) => {
        const answer = { type: 'answer', text, toolCalls: [{ name: 'a', arguments: json }] } as const
        const said = (limit: number) => generate(answer, { maxTokens: limit, stop: [], callId })
        const whole = said(Number.POSITIVE_INFINITY)
        const cut = said(maxTokens)
        const joined = (choice: typeof whole) => choice.blocks.flatMap(block => block.pieces).join('')
        expect(cut.tokens).toBe(Math.min(maxTokens, whole.tokens))
        expect(joined(whole).startsWith(joined(cut))).toBe(true)
        expect(cut.ended).toBe(cut.tokens < whole.tokens ? 'length' : 'tool-calls')
      }),
    )
  })

  it('ends before the first of the stop sequences, wherever pieces are split', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.array(fc.string({ minLength: 1 }), { maxLength: 4 }), (pieces, stop) => {
        const limits = { maxTokens: Number.POSITIVE_INFINITY, stop, callId }
        const text = generate({ type: 'answer', pieces }, limits)
          .blocks.flatMap(block => block.pieces)
          .join('')
        const whole = pieces.join('')
        expect(whole.startsWith(text)).toBe(true)
        for (const sequence of stop) expect(text.includes(sequence)).toBe(false)
        const next = stop.some(sequence => whole.startsWith(sequence, text.length))
        expect(next || text === whole).toBe(true)
      }),
    )
  })

  it('counts a word piece of six letters, with the space before it', () => {
    expect(tokensOf('Hello simulated world!')).toEqual(['Hello', ' simula', 'ted', ' world', '!'])
    expect(countTokens('')).toBe(0)
  })
})
