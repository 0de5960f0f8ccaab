import { expect, test } from 'vitest'
import { usageQuery } from './usage-query.ts'

const admin = { tags: [], admin: true }
const web = { name: 'web', tags: [], admin: false }
const read = (query: string, caller: Parameters<typeof usageQuery>[1] = admin) =>
  usageQuery(new URLSearchParams(query), caller)

test('filters and a time zone are read', () => {
  expect(read('')).toEqual({ type: 'report', filter: {} })
  expect(read('from=2026-11-01&to=2026-12-01&key=a&chain=b&model=c/d&tag=e&timeZone=Europe/Berlin')).toEqual({
    type: 'report',
    timeZone: 'Europe/Berlin',
    filter: { from: '2026-11-01', to: '2026-12-01', key: 'a', chain: 'b', model: 'c/d', tag: 'e' },
  })
  expect(read('request=req_1')).toEqual({ type: 'entry', requestId: 'req_1' })
})

test('a key sees its own usage, and may say so', () => {
  expect(read('', web)).toMatchObject({ filter: { key: 'web' } })
  expect(read('key=web&tag=x', web)).toMatchObject({ filter: { key: 'web', tag: 'x' } })
  expect(() => read('key=boss', web)).toThrow('sees its own usage alone')
})

test.each([
  ['form=2026', 'There is no parameter "form"'],
  ['from=', 'The parameter from is empty'],
  ['tag=a&tag=b', 'The parameter tag stands there twice'],
  ['format=csv', 'There is no parameter "format"'],
  ['request=a&key=b', 'stands alone'],
])('%s is refused', (query, message) => {
  expect(() => read(query)).toThrow(message)
})
