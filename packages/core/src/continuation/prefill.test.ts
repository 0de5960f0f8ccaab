import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MessageRequest } from '../contract/request.ts'
import { estimatedTokens } from './estimated-tokens.ts'
import { prefill } from './prefill.ts'

const ask: MessageRequest = { messages: [{ role: 'user', content: 'Tell me.' }] }
const text = 'It was a dark and stormy night, and the rain fell in torrents.'

describe('a request to go on from a text', () => {
  it('ends with the text but for its last words, which the model is to say once more', () => {
    const made = prefill(ask, text)
    expect(made?.overlap).toBe(' in torrents.')
    expect(made?.request.messages).toEqual([
      ...ask.messages,
      { role: 'assistant', content: 'It was a dark and stormy night, and the rain fell' },
    ])
  })

  it("goes on with the caller's own beginning of the answer", () => {
    const begun = (content: string | readonly { type: 'text'; text: string }[]): MessageRequest => ({
      messages: [...ask.messages, { role: 'assistant', content }],
    })
    const said = 'It was a dark and stormy night, and the rain fell'
    expect(prefill(begun('Well: '), text)?.request.messages.at(-1)?.content).toBe(`Well: ${said}`)
    expect(prefill(begun([{ type: 'text', text: 'Well: ' }]), text)?.request.messages.at(-1)?.content).toEqual([
      { type: 'text', text: `Well: ${said}` },
    ])
    expect(prefill(begun([]), text)?.request.messages.at(-1)?.content).toEqual([{ type: 'text', text: said }])
    expect(prefill(begun('Well: '), text)?.request.messages).toHaveLength(2)
  })

  it('asks for no more than is left of the most that the answer may have', () => {
    const said = estimatedTokens('It was a dark and stormy night, and the rain fell')
    expect(prefill({ ...ask, maxOutputTokens: 100 }, text)?.request.maxOutputTokens).toBe(100 - said)
    expect(prefill({ ...ask, maxOutputTokens: said + 1 }, text)?.request.maxOutputTokens).toBe(1)
    expect(prefill({ ...ask, maxOutputTokens: said }, text)).toBeUndefined()
  })

  it('is not made where the answer is to keep to a format', () => {
    const schema = { type: 'json-schema', name: 'night', schema: {} } as const
    for (const responseFormat of [{ type: 'json' }, schema] as const)
      expect(prefill({ ...ask, responseFormat }, text)).toBeUndefined()
    expect(prefill({ ...ask, responseFormat: { type: 'text' } }, text)).toBeDefined()
  })

  it.each([
    ['is too short', 'It was a dark'],
    ['has no space to cut it at', 'x'.repeat(200)],
    ['has its last space too far from its end', `Yes, ${'x'.repeat(70)}`],
    ['begins with what its last words are', ' ha ha ha ha ha ha'],
  ])('is not made of a text that %s', (_, short) => {
    expect(prefill(ask, short)).toBeUndefined()
  })

  it('loses nothing, ends with no space, and can be told from a beginning, whatever the text', () => {
    const words = fc.array(fc.constantFrom('a', 'ab', ' ', '\n', 'word', 'ü', '😀', '. '), { maxLength: 60 })
    fc.assert(
      fc.property(words, pieces => {
        const whole = pieces.join('')
        const made = prefill(ask, whole)
        if (made === undefined) return
        const said = made.request.messages.at(-1)?.content as string
        expect(said + made.overlap).toBe(whole)
        expect(said).toBe(said.trimEnd())
        expect(said).not.toBe('')
        expect(made.overlap.length).toBeGreaterThanOrEqual(12)
        expect(made.overlap.length).toBeLessThanOrEqual(64)
        expect(whole.startsWith(made.overlap)).toBe(false)
      }),
    )
  })
})

describe('estimated tokens', () => {
  it('count four letters of English as one, and every other character as one', () => {
    expect(estimatedTokens('')).toBe(0)
    expect(estimatedTokens('word')).toBe(1)
    expect(estimatedTokens('words')).toBe(2)
    expect(estimatedTokens('東京')).toBe(2)
  })
})
