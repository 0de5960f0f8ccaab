import { expect, it } from 'vitest'
import { conformanceChecks } from './conformance-checks.ts'
import { dialectGaps } from './dialect-gaps.ts'
import { features } from './features.ts'
import { type Gaps, gapsOf } from './gaps.ts'

const dialect = 'none-of-ours'
const reasons = ({ checks }: Gaps) => [...checks].map(([check, reason]) => `${check.name}: ${reason}`)

it('skips a check by its name, and a topic whole, each with its reason', () => {
  const one = gapsOf({ dialect, skip: { 'dispose may be called again': 'it has nothing to dispose of' } })
  expect(reasons(one)).toEqual(['dispose may be called again: it has nothing to dispose of'])
  const usage = conformanceChecks.filter(check => check.topic === 'usage')
  expect(reasons(gapsOf({ dialect, skip: { usage: 'never told' } }))).toHaveLength(usage.length)
})

it('skips every check that needs a feature which is missing', () => {
  const { checks, features } = gapsOf({ dialect, skip: { embeddings: 'no such endpoint' } })
  const needing = conformanceChecks.filter(check => check.needs.includes('embeddings'))
  expect(needing).not.toEqual([])
  expect([...checks.keys()]).toEqual(needing)
  expect([...features]).toEqual([['embeddings', 'no such endpoint']])
})

it('knows what a dialect can never do', () => {
  const { features } = gapsOf({ dialect: 'openai-chat' })
  expect(features.get('token count')).toBe(dialectGaps['openai-chat']?.['token count'])
})

it('names in the gaps of dialects only what there is, with reasons', () => {
  for (const name of Object.keys(dialectGaps)) expect(() => gapsOf({ dialect: name })).not.toThrow()
})

it('has a check for every feature', () => {
  const judged = new Set(conformanceChecks.flatMap(({ needs, eitherWay }) => [...needs, eitherWay]))
  expect(features.filter(feature => !judged.has(feature))).toEqual([])
})

it('refuses to skip what is not there, or without a reason', () => {
  expect(() => gapsOf({ dialect, skip: { nothing: 'why' } })).toThrow('"nothing", which is no check')
  expect(() => gapsOf({ dialect, skip: { usage: ' ' } })).toThrow('no reason for "usage"')
})
