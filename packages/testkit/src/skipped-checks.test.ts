import { expect, it } from 'vitest'
import { conformanceChecks } from './conformance-checks.ts'
import { type SkippedChecks, skippedChecks } from './skipped-checks.ts'

const reasons = (skipped: SkippedChecks) => [...skipped].map(([check, reason]) => `${check.name}: ${reason}`)

it('skips a check by its name, and a topic whole, each with its reason', () => {
  expect(reasons(skippedChecks({ 'dispose may be called again': 'it has nothing to dispose of' }))).toEqual([
    'dispose may be called again: it has nothing to dispose of',
  ])
  const usage = conformanceChecks.filter(check => check.topic === 'usage')
  expect(reasons(skippedChecks({ usage: 'never told' }))).toHaveLength(usage.length)
})

it('refuses to skip what is not there, or without a reason', () => {
  expect(() => skippedChecks({ nothing: 'why' })).toThrow('"nothing", which is no check')
  expect(() => skippedChecks({ usage: ' ' })).toThrow('no reason for "usage"')
})
