import { expect, test } from 'vitest'
import { mostInAnyWindow } from './rolling-window.ts'

test('the most of any window is found wherever it begins', () => {
  const events = [0, 10, 50, 99, 101, 109, 300].map(at => ({ at, amount: 1 }))
  expect(mostInAnyWindow(events, 100)).toBe(5)
  expect(mostInAnyWindow(events, 1_000)).toBe(7)
  expect(mostInAnyWindow(events, 1)).toBe(1)
  expect(mostInAnyWindow([], 100)).toBe(0)
})

test('what lies a whole window apart is not in one', () => {
  const apart = [0, 100].map(at => ({ at, amount: 5 }))
  expect(mostInAnyWindow(apart, 100)).toBe(5)
  expect(mostInAnyWindow(apart, 101)).toBe(10)
})
