import type { JsonObject, MessageRequest } from '@switchyard/core/contract'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeRequest } from './decode-request.ts'
import { encodeRequest } from './encode-request.ts'
import { contractRequest } from './requests.fixture.ts'
import { wireRequest } from './wire-requests.fixture.ts'

const encoded = (request: MessageRequest, body: JsonObject) =>
  encodeRequest(request, { model: String(body.model), stream: body.stream === true, strict: true }).body

// a new array is what everyone leaves who changes a request
const rebuilt = (request: MessageRequest): MessageRequest => ({
  ...request,
  messages: [...request.messages],
  ...(request.tools && { tools: [...request.tools] }),
})

test('a body that was decoded is encoded as it was, unknown fields at every level included, its arrays new or not', () => {
  fc.assert(
    fc.property(wireRequest, body => {
      const decoded = decodeRequest(body)
      expect(encoded(decoded, body)).toEqual(body)
      expect(encoded(rebuilt(decoded), body)).toEqual(body)
    }),
    { numRuns: 2000 },
  )
})

test('the arrays of a body are sent on as they are', () => {
  const body = { model: 'm', messages: [{ role: 'user', content: 'hi' }], tools: [{ type: 'web_search' }] }
  const again = encoded(decodeRequest(body), body)
  expect(again.messages).toBe(body.messages)
  expect(again.tools).toBe(body.tools)
})

test('a call of another kind may come under the id of an earlier one', () => {
  const answered = (call: JsonObject) => [
    { role: 'assistant', content: null, tool_calls: [{ id: 'call_1', ...call }] },
    { role: 'tool', tool_call_id: 'call_1', content: '7' },
  ]
  const look = answered({ type: 'function', function: { name: 'look', arguments: '{}' } })
  const grep = answered({ type: 'custom', custom: { name: 'grep', input: 'a' } })
  for (const messages of [
    [...look, ...grep, ...look],
    [...grep, ...grep],
  ]) {
    const body = { model: 'm', messages }
    expect(encoded(rebuilt(decodeRequest(body)), body)).toEqual(body)
  }
})

test('a request that was encoded is decoded as it was', () => {
  fc.assert(
    fc.property(contractRequest, request => {
      const { body, warnings } = encodeRequest(request, { model: 'm', stream: request.stream ?? true, strict: true })
      expect(warnings).toEqual([])
      const { extra: _, boundTo: __, ...decoded } = decodeRequest(JSON.parse(JSON.stringify(body)))
      expect(decoded).toEqual(request)
    }),
    { numRuns: 500 },
  )
})
