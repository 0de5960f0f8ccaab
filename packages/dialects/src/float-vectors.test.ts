import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeFloats, encodeFloats } from './float-vectors.ts'

test('a vector survives its base64 form', () => {
  fc.assert(
    fc.property(fc.array(fc.float({ noNaN: true })), vector => {
      expect(decodeFloats(encodeFloats(vector))).toEqual(vector)
    }),
  )
  expect(encodeFloats([0.25, -0.5, 1])).toBe('AACAPgAAAL8AAIA/')
})

test.each(['AAAA', '!!!'])('%s is no vector', text => {
  expect(decodeFloats(text)).toBeUndefined()
})
