import { describe, expect, it } from 'vitest'
import { requestClass } from './request-class.ts'

describe('the class of a request', () => {
  it('tells sizes, efforts and tools apart', () => {
    const message = (length: number) => [{ role: 'user' as const, content: 'x'.repeat(length) }]
    expect(requestClass({ messages: message(15_999) })).toBe('under 4k tokens')
    expect(requestClass({ messages: message(16_000) })).toBe('under 16k tokens')
    expect(requestClass({ messages: [...message(30_000), ...message(34_000)] })).toBe('under 64k tokens')
    expect(requestClass({ messages: message(256_000), reasoningEffort: 'high' })).toBe('from 64k tokens, effort high')
    expect(requestClass({ messages: message(1), tools: [{ name: 'look' }] })).toBe('under 4k tokens, tools')
    expect(requestClass({ messages: message(1), tools: [] })).toBe('under 4k tokens')
  })

  it('counts text wherever it stands', () => {
    const text = 'x'.repeat(9_000)
    const parts = [{ type: 'text', text }] as const
    const result = { type: 'tool-result', callId: '1', content: parts } as const
    expect(requestClass({ messages: [{ role: 'user', content: parts }] })).toBe('under 4k tokens')
    const messages = [
      { role: 'user', content: parts },
      { role: 'tool', content: [result] },
    ] as const
    expect(requestClass({ messages })).toBe('under 16k tokens')
  })
})
