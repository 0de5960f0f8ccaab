import fc from 'fast-check'
import { expect, test } from 'vitest'
import { madeToolCallId, toolCallId } from './tool-call-id.ts'

const fit = /^[A-Za-z0-9_-]{1,40}$/

test('a fit id is kept', () => {
  expect(toolCallId('call_Ab-9')).toBe('call_Ab-9')
})

test('any other id becomes a fit one, always the same, and different ids stay different', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), fc.string({ maxLength: 60 }), (first, second) => {
      expect(toolCallId(first)).toMatch(fit)
      expect(toolCallId(toolCallId(first))).toBe(toolCallId(first))
      expect(madeToolCallId(first)).toMatch(fit)
      if (first !== second) expect(toolCallId(first)).not.toBe(toolCallId(second))
    }),
  )
  expect(toolCallId('functions.get:0')).not.toBe(toolCallId('functions.get:1'))
  expect(toolCallId(`${'a'.repeat(60)}1`)).not.toBe(toolCallId(`${'a'.repeat(60)}2`))
})
