import { expect, test } from 'vitest'
import { decodeFunctionCall, decodeToolCall, encodeFunctionCall, encodeToolCall, isLegacyCall } from './tool-calls.ts'

test('the text of the arguments is kept as it came, until the input is another', () => {
  const wire = { id: 'a', type: 'function', function: { name: 'look', arguments: '{ "n": 1 }' } }
  const call = decodeToolCall(wire, 'a')
  expect(encodeToolCall(call)).toEqual(wire)
  expect(encodeToolCall({ ...call, input: { n: 2 }, invalid: undefined })).toMatchObject({
    function: { arguments: '{"n":2}' },
  })
})

test('arguments that were never sent stay away, until there are some', () => {
  const call = decodeToolCall({ id: 'a', function: { name: 'look' } }, 'a')
  expect(encodeToolCall(call)).toEqual({ id: 'a', function: { name: 'look' } })
  expect(encodeFunctionCall({ ...call, input: { n: 2 }, invalid: undefined })).toEqual({
    name: 'look',
    arguments: '{"n":2}',
  })
})

test('a call keeps the id and the type that the wire gave it', () => {
  const wire = { id: 'a:1', type: 'function', x: 1, function: { name: 'look', arguments: '{}', y: 2 } }
  const call = decodeToolCall(wire, 'ours')
  expect(call.id).toBe('ours')
  expect(encodeToolCall(call)).toEqual(wire)
})

test('a legacy call is known again', () => {
  const call = decodeFunctionCall({ name: 'look', arguments: '{"n"' }, 'ours', true)
  expect(isLegacyCall(call)).toBe(true)
  expect(call.invalid?.reason).toBe('the output limit cut the arguments')
  expect(encodeToolCall(call)).toMatchObject({ id: 'ours', type: 'function', function: { arguments: '{"n"' } })
})
