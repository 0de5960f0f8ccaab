import { expect, it } from 'vitest'
import { tooOld } from './node-version.ts'

it.each(['22.13.0', '22.20.1', '24.0.0'])('takes Node.js %s', version => {
  expect(tooOld(version)).toBeUndefined()
})

it.each(['16.20.2', '20.19.0', '22.12.0'])('says of Node.js %s what it is and what is needed', version => {
  expect(tooOld(version)).toContain(`this is Node.js ${version}; it needs 22.13 or later`)
})
