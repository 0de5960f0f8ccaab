import type { JsonObject, Message, MessageRequest } from '@switchyard/core/contract'
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

test('a body that was decoded is encoded as it was, unknown fields at every level included', () => {
  fc.assert(
    fc.property(wireRequest, body => {
      expect(encoded(decodeRequest(body), body)).toEqual(body)
    }),
    { numRuns: 500 },
  )
})

test('a decoded body is rebuilt as it was when its arrays are new', () => {
  fc.assert(
    fc.property(wireRequest, body => {
      // reasoning without its sealed content goes back only where the server keeps it
      expect(encoded(rebuilt(decodeRequest({ ...body, store: true })), body)).toEqual({ ...body, store: true })
    }),
    { numRuns: 1000 },
  )
})

test('the arrays of a body are sent on as they are', () => {
  const body = { model: 'm', input: [{ role: 'user', content: 'hi' }], tools: [{ type: 'web_search' }] }
  const again = encoded(decodeRequest(body), body)
  expect(again.input).toBe(body.input)
  expect(again.tools).toBe(body.tools)
})

test('a request that was encoded is decoded as it was', () => {
  fc.assert(
    fc.property(contractRequest, request => {
      const { body, warnings } = encodeRequest(request, { model: 'm', stream: request.stream ?? true, strict: true })
      expect(warnings).toEqual([])
      const { extra: _, boundTo, ...decoded } = decodeRequest(JSON.parse(JSON.stringify(body)))
      expect(boundTo).toBeUndefined()
      expect({ ...decoded, messages: decoded.messages.map(bare) }).toEqual({
        ...request,
        messages: request.messages.map(bare),
      })
    }),
    { numRuns: 1000 },
  )
})

// what the wire adds: where a message of its own begins
function bare({ extra: _, ...message }: Message): unknown {
  if (typeof message.content === 'string') return message
  const parts = message.content.map(({ ...part }) => {
    if ('extra' in part) delete part.extra
    return part
  })
  return { ...message, content: parts }
}
