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

// four hints are all that a server takes, and the generator knows no measure
const hints = (body: JsonObject) => JSON.stringify(body).match(/"cache_control":\{/g)?.length ?? 0

test('a body that was decoded is encoded as it was, unknown fields at every level included', () => {
  fc.assert(
    fc.property(wireRequest, body => {
      fc.pre(hints(body) <= 4)
      expect(encoded(decodeRequest(body), body)).toEqual(body)
    }),
    { numRuns: 300 },
  )
})

test('a decoded body is rebuilt as it was when its arrays are new', () => {
  fc.assert(
    fc.property(wireRequest, body => {
      fc.pre(hints(body) <= 4)
      expect(encoded(rebuilt(decodeRequest(body)), body)).toEqual(body)
    }),
    { numRuns: 600 },
  )
})

test('the arrays of a body are sent on as they are', () => {
  const body = {
    model: 'm',
    max_tokens: 5,
    messages: [{ role: 'user', content: 'hi' }],
    tools: [{ type: 'web_search_20260318', name: 'web_search' }],
  }
  const again = encoded(decodeRequest(body), body)
  expect(again.messages).toBe(body.messages)
  expect(again.tools).toBe(body.tools)
})

test('a request that was encoded is decoded as it was', () => {
  fc.assert(
    fc.property(contractRequest, request => {
      fc.pre(JSON.stringify(request).split('"cache"').length <= 5)
      const { body, warnings } = encodeRequest(request, { model: 'm', stream: request.stream ?? true, strict: true })
      expect(warnings).toEqual([])
      const { extra: _, boundTo: __, ...decoded } = decodeRequest(JSON.parse(JSON.stringify(body)))
      expect(decoded).toEqual(request)
    }),
    { numRuns: 300 },
  )
})
