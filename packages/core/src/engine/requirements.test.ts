import { describe, expect, it } from 'vitest'
import { modelCapabilities } from '../contract/capabilities.ts'
import type { MessageRequest, ResponseFormat } from '../contract/request.ts'
import { missing, requirements } from './requirements.ts'

const source = { type: 'base64', mediaType: 'x/y', data: 'AA==' } as const
const plain: MessageRequest = { messages: [{ role: 'user', content: 'Hello?' }] }
const saying = (part: object): MessageRequest => ({ messages: [{ role: 'user', content: [part as never] }] })
const format = (responseFormat: ResponseFormat): MessageRequest => ({ ...plain, responseFormat })

describe('what a request needs', () => {
  it.each([
    ['tools', { ...plain, tools: [{ name: 'search' }] }, 'tools'],
    ['JSON mode', format({ type: 'json' }), 'json'],
    ['a JSON schema', format({ type: 'json-schema', name: 'x', schema: {} }), 'jsonSchema'],
    ['images', saying({ type: 'image', source }), 'images'],
    ['audio', saying({ type: 'audio', source }), 'audio'],
    ['documents', saying({ type: 'document', source }), 'documents'],
    ['images', saying({ type: 'tool-result', callId: 'c', content: [{ type: 'image', source }] }), 'images'],
  ] as const)('%s', (words, request, name) => {
    const needs = requirements(request)
    expect(needs.capabilities).toEqual([name])
    expect(missing(needs, modelCapabilities({ [name]: false }))).toEqual({
      code: 'unsupported',
      message: expect.stringContaining(words),
    })
    expect(missing(needs, modelCapabilities({ [name]: true }))).toBeUndefined()
    expect(missing(needs, modelCapabilities())).toBeUndefined()
  })

  it('nothing for a plain question', () => {
    expect(requirements(format({ type: 'text' })).capabilities).toEqual([])
    expect(requirements({ ...plain, tools: [] }).capabilities).toEqual([])
  })

  it('a dialect, where it is bound to one', () => {
    const needs = requirements({ ...plain, boundTo: { dialect: 'x', fields: ['n', 'logit_bias'] } })
    expect(missing(needs, modelCapabilities({ dialect: 'x' }))).toBeUndefined()
    expect(missing(needs, modelCapabilities())).toBeUndefined()
    expect(missing(needs, modelCapabilities({ dialect: 'y' }))?.message).toBe(
      'it does not speak x, which alone can say "n", "logit_bias"',
    )
  })

  it('a window that its text is sure not to exceed', () => {
    const text = 'x'.repeat(801)
    const parts: MessageRequest = {
      messages: [
        { role: 'system', content: text },
        { role: 'user', content: [{ type: 'text', text }] },
        { role: 'tool', content: [{ type: 'tool-result', callId: 'c', content: [{ type: 'text', text }] }] },
      ],
    }
    const needs = requirements(parts)
    expect(needs.characters).toBe(2_403)
    expect(missing(needs, modelCapabilities())).toBeUndefined()
    expect(missing(needs, modelCapabilities({ contextWindow: 301 }))).toBeUndefined()
    expect(missing(needs, modelCapabilities({ contextWindow: 300 }))).toEqual({
      code: 'context-length',
      message: 'the request has 301 tokens at the very least, and its context window 300',
      data: { leastInputTokens: 301, contextWindow: 300 },
    })
  })
})
