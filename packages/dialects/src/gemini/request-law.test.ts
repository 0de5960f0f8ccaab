import type { MessageRequest } from '@switchyard/core/contract'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeRequest } from './decode-request.ts'
import { encodeRequest } from './encode-request.ts'
import { contractRequest } from './requests.fixture.ts'
import { wireRequest } from './wire-requests.fixture.ts'

const encoded = (request: MessageRequest) => encodeRequest(request, { model: 'm', strict: true }).body
const decoded = (body: unknown) => decodeRequest(body, { defaultModel: 'm' })

// a new array is what everyone leaves who changes a request
const rebuilt = (request: MessageRequest): MessageRequest => ({
  ...request,
  messages: [...request.messages],
  ...(request.tools && { tools: [...request.tools] }),
})

test('a body that was decoded is encoded as it was, unknown fields at every level included', () => {
  fc.assert(
    fc.property(wireRequest, body => {
      expect(encoded(decoded(body))).toEqual(body)
    }),
    { numRuns: 500 },
  )
})

test('a decoded body is rebuilt as it was when its arrays are new', () => {
  fc.assert(
    fc.property(wireRequest, body => {
      expect(encoded(rebuilt(decoded(body)))).toEqual(body)
    }),
    { numRuns: 800 },
  )
})

test('the arrays of a body are sent on as they are', () => {
  const body = { contents: [{ role: 'user', parts: [{ text: 'hi' }] }], tools: [{ googleSearch: {} }] }
  const again = encoded(decoded(body))
  expect(again.contents).toBe(body.contents)
  expect(again.tools).toBe(body.tools)
})

test('a request that was encoded is decoded as it was', () => {
  fc.assert(
    fc.property(contractRequest, request => {
      const { body, warnings } = encodeRequest(request, { model: 'm', strict: true })
      expect(warnings).toEqual([])
      const again = decodeRequest(JSON.parse(JSON.stringify(body)), {
        defaultModel: 'm',
        stream: request.stream ?? true,
      })
      const { extra: _, boundTo: __, ...plain } = again
      expect(plain).toEqual(request)
    }),
    { numRuns: 500 },
  )
})
