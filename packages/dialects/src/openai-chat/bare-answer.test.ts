import { type MessageChunk, ResponseAccumulator } from '@switchyard/core/contract'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { maximumEventLength } from '../framing/server-sent-events.ts'
import { streamDecoder } from './stream-decoder.ts'

const context = { provider: 'acme', model: 'tiny', secrets: ['s3cret-value'] }
const bytes = (text: string) => new TextEncoder().encode(text)
const answer = { id: 'c1', choices: [{ index: 0, message: { content: 'Grüße' }, finish_reason: 'stop' }] }

function read(text: string, pieces: readonly number[] = []): MessageChunk[] {
  const decoder = streamDecoder(context)
  const all = bytes(text)
  const chunks: MessageChunk[] = []
  let from = 0
  for (const length of pieces) {
    chunks.push(...decoder.decode(all.subarray(from, from + length)))
    from += length
  }
  chunks.push(...decoder.decode(all.subarray(from)), ...decoder.end())
  expect(decoder.state).toBe('finished')
  return chunks
}

test('a whole answer in place of events is read all the same, however it is split', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9 })), pieces => {
      const accumulator = new ResponseAccumulator()
      for (const chunk of read(`\r\n ${JSON.stringify(answer)}\n`, pieces)) accumulator.add(chunk)
      expect(accumulator.response()).toMatchObject({
        id: 'c1',
        model: 'acme/tiny',
        content: [{ type: 'text', text: 'Grüße' }],
        reason: 'stop',
      })
    }),
  )
})

test.each([
  [
    { error: { message: 'Pay for s3cret-value.', code: 'insufficient_quota' } },
    'quota',
    'acme/tiny: Pay for [redacted].',
  ],
  [{ detail: 'Too many requests', object: 'error' }, 'rate-limit', 'acme/tiny: Too many requests'],
])('an error in place of events is told for what it is: %j', (body, kind, message) => {
  expect(() => read(JSON.stringify(body))).toThrow(expect.objectContaining({ kind, message, provider: 'acme' }))
})

test('a cut one is truncated', () => {
  expect(() => read(JSON.stringify(answer).slice(0, -3))).toThrow(
    expect.objectContaining({ kind: 'truncated', provider: 'acme', model: 'tiny' }),
  )
})

test('one without an end is refused', () => {
  const decoder = streamDecoder(context)
  const piece = bytes(`{${' '.repeat(maximumEventLength / 2)}`)
  decoder.decode(piece)
  expect(() => decoder.decode(piece)).toThrow(expect.objectContaining({ kind: 'protocol', provider: 'acme' }))
  expect(decoder.state).toBe('failed')
})
