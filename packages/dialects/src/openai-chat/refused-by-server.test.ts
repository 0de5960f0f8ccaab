import { describe, expect, test } from 'vitest'
import { decodeRequest } from './decode-request.ts'
import { encodeRequest } from './encode-request.ts'

const refusedFields = ['logit_bias', 'n', 'prompt_cache_key', 'messages[].name']
const wire = (fields: object, strict = false) =>
  encodeRequest(decodeRequest({ model: 'm', messages: [{ role: 'user', content: 'Hi' }], ...fields }), {
    model: 'm',
    stream: false,
    refusedFields,
    strict,
  })

describe('fields that the server refuses', () => {
  test('are left out with a warning under our name', () => {
    const { body, warnings } = wire({ logit_bias: { 5: 1 }, n: 2, prompt_cache_key: 'a' })
    expect(body).toEqual({ model: 'm', messages: [{ role: 'user', content: 'Hi' }] })
    expect(warnings.map(({ setting }) => setting)).toEqual(['logit_bias', 'n', 'cacheKey'])
  })

  test('go without a word where nothing is lost', () => {
    const { body, warnings } = wire({ logit_bias: {}, n: 1, prompt_cache_key: null })
    expect(Object.keys(body)).toEqual(['model', 'messages'])
    expect(warnings).toEqual([])
  })

  test('are names of messages too, and the other messages stay as they are', () => {
    const messages = [
      { role: 'user', content: 'Hi', name: 'ann' },
      { role: 'user', content: 'Hi', name: null },
      { role: 'assistant', content: 'Yes' },
      { role: 'user', content: 'And?' },
    ]
    const { body, warnings } = wire({ messages })
    expect(body.messages).toEqual(messages.map(({ name: _, ...rest }) => rest))
    expect(warnings.map(({ setting }) => setting)).toEqual(['messages[0].name'])
    expect(wire({}).warnings).toEqual([])
  })

  test('are refused where the caller is strict', () => {
    expect(() => wire({ n: 2 }, true)).toThrow(/n.*the server does not take it/)
  })
})
