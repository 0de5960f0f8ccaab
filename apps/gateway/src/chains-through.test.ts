import { parseConfig } from '@switchyard/config'
import { expect, test } from 'vitest'
import { chainsThrough } from './chains-through.ts'

const config = parseConfig(`
providers: { a: { type: simulated, model: m }, b: { type: simulated } }
chains:
  outer: { targets: [b/first, middle] }
  middle: { targets: [{ model: inner }, other] }
  inner: { targets: [a] }
  other: { targets: [b/last], onContextLength: [b/long] }
`)

test.each([
  ['outer', 'b/first', ['outer']],
  ['outer', 'a/m', ['outer', 'middle', 'inner']],
  ['outer', 'b/last', ['outer', 'middle', 'other']],
  ['outer', 'b/long', ['outer', 'middle', 'other']],
  ['inner', 'a/m', ['inner']],
  ['outer', 'b/unknown', ['outer']],
  ['b:unlisted', 'b/unlisted', ['b:unlisted']],
])('from %s, %s is reached through %j', (chain, target, through) => {
  expect(chainsThrough(config, chain, target)).toEqual(through)
})
