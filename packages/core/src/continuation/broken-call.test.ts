import { expect, it } from 'vitest'
import { callsBroken } from './broken-call.ts'

const invalid = { text: '{"a": "b', reason: 'it does not parse' }
const broken = { type: 'tool-call', id: 'call_1', name: 'search', invalid } as const
const good = { type: 'tool-call', id: 'call_1', name: 'search', input: {} } as const

it('tells a broken call of an answer that ended by itself from one that a limit cut, and from a good one', () => {
  expect(callsBroken('tool-calls', [good, broken])).toBe(true)
  expect(callsBroken('stop', [{ type: 'tool-call-end', id: 0, complete: true, invalid }])).toBe(true)
  expect(callsBroken('tool-calls', [good])).toBe(false)
  expect(callsBroken('length', [broken])).toBe(false)
})
