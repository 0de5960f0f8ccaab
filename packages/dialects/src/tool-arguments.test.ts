import { expect, test } from 'vitest'
import { parseCutToolArguments, parseToolArguments, toolArgumentsText } from './tool-arguments.ts'

test('arguments are a JSON object, and no text means none', () => {
  expect(parseToolArguments('{"a":1}')).toEqual({ input: { a: 1 } })
  expect(parseToolArguments(' ')).toEqual({ input: {} })
})

test.each([
  ['{"a":', 'the arguments are not JSON'],
  ['[1]', 'the arguments are not a JSON object'],
  ['"x"', 'the arguments are not a JSON object'],
  ['null', 'the arguments are not a JSON object'],
])('%s is kept as text, with the reason', (text, reason) => {
  const call = parseToolArguments(text)
  expect(call).toEqual({ invalid: { text, reason } })
  expect(toolArgumentsText(call)).toBe(text)
})

test('of a call that a limit may have cut, only what parses is whole', () => {
  const reason = 'the output limit cut the arguments'
  expect(parseCutToolArguments('{"a":1}')).toEqual({ input: { a: 1 } })
  expect(parseCutToolArguments('{"a"')).toEqual({ invalid: { text: '{"a"', reason } })
  expect(parseCutToolArguments('')).toEqual({ invalid: { text: '', reason } })
  expect(toolArgumentsText({ input: { a: 1 } })).toBe('{"a":1}')
})
