import { describe, expect, test } from 'vitest'
import type { AnswerContext } from '../answer-context.ts'
import { decodeResponse } from './decode-response.ts'

const context: AnswerContext = { provider: 'p', model: 'm', secrets: [] }
const response = (more: object) => ({ id: 'resp_1', object: 'response', model: 'm', output: [], ...more })

describe('a whole answer', () => {
  test('that failed is an error, also where it does not say of what', () => {
    expect(() => decodeResponse(response({ status: 'failed', error: null }), context)).toThrow(
      expect.objectContaining({ kind: 'unavailable' }),
    )
  })

  test('that was cut keeps a call whose arguments are whole', () => {
    const call = (text: string) => {
      const item = { type: 'function_call', status: 'incomplete', call_id: 'call_1', name: 'f', arguments: text }
      const cut = { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' }, output: [item] }
      return decodeResponse(response(cut), context).content[0]
    }
    expect(call('{"a":1}')).toMatchObject({ input: { a: 1 } })
    expect(call('{"a":1}')).not.toHaveProperty('complete')
    expect(call('{"a":')).toMatchObject({ complete: false, invalid: { text: '{"a":' } })
  })
})
