import { expect, test } from 'vitest'
import { sameJson } from './json.ts'

test.each([
  [{ a: 1, b: undefined }, { a: 1 }, true],
  [{ a: 1 }, { a: 1, b: undefined }, true],
  [{ a: 1 }, { a: 1, b: null }, false],
  [{ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, true],
  [[1, 2], [1], false],
  [[1], [2], false],
  [[1], { 0: 1 }, false],
  [{ a: 1 }, [1], false],
  [null, {}, false],
  ['1', 1, false],
])('%j and %j are compared by what they say in JSON', (first, second, same) => {
  expect(sameJson(first, second)).toBe(same)
})
