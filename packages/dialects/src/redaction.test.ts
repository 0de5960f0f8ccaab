import { expect, test } from 'vitest'
import { redact, shorten } from './redaction.ts'

test.each([
  ['key hunter2hunter2 refused', 'key [redacted] refused'],
  ['Incorrect API key provided: sk-proj-abc123DEF456.', 'Incorrect API key provided: [redacted].'],
  ['Incorrect API key provided: sk-sim****.', 'Incorrect API key provided: [redacted].'],
  ['gsk_abcdefghijkl and xai-abcdefghijkl', '[redacted] and [redacted]'],
  ['sent Authorization: Bearer abc.def-ghi==', 'sent Authorization: Bearer [redacted]'],
  ['GET https://x.example/v1?key=AIzaSyA1234567890&alt=sse', 'GET https://x.example/v1?key=[redacted]&alt=sse'],
  ['AIzaSyA1234567890 is bad', '[redacted] is bad'],
  ['token eyJhbGciOi.eyJzdWIi.c2ln expired', 'token [redacted] expired'],
  ['the task-force asked for tokens per min', 'the task-force asked for tokens per min'],
])('%s', (text, clean) => {
  expect(redact(text, ['hunter2', 'hunter2hunter2', 'abc'])).toBe(clean)
})

test('short secrets are left, for they would be found everywhere', () => {
  expect(redact('no', ['no', ''])).toBe('no')
})

test('long texts are shortened, never in the middle of a character', () => {
  expect(shorten('abc', 3)).toBe('abc')
  expect(shorten('abcd', 3)).toBe('abc…')
  expect(shorten('ab👋cd', 3)).toBe('ab…')
})
