import { describe, expect, test } from 'vitest'
import { catalogData, catalogDate } from './data/index.ts'
import type { ModelData } from './model.ts'
import { modelProblems } from './model-rules.ts'
import { provenance, sources } from './provenance/index.ts'

describe('the data', () => {
  test.each(Object.entries(catalogData))('of %s keep every rule', (_, models) => {
    expect(modelProblems(models, catalogDate)).toEqual([])
  })

  test('are of every provider', () => {
    const counts = Object.entries(catalogData).map(([provider, models]) => [provider, models.length])
    expect(Object.fromEntries(counts)).toEqual({ openai: 34, anthropic: 19, gemini: 13, xai: 8, groq: 6, ollama: 9 })
  })

  test('say of every model where they come from, and of nothing else', () => {
    const models = Object.entries(catalogData).flatMap(([provider, all]) => all.map(({ id }) => `${provider}/${id}`))
    expect(Object.keys(provenance).sort()).toEqual(models.sort())
  })

  test('name only sources that are listed, and list only sources that are named', () => {
    const named = Object.values(provenance).flatMap(({ sources: from, fields = {} }) => [
      ...from,
      ...Object.values(fields).flat(),
    ])
    for (const name of named) expect(sources).toHaveProperty([name])
    for (const { sources: from } of Object.values(provenance)) expect(from.length).toBeGreaterThan(0)
  })

  test('state a rate limit or an effort only where a source of its own is named', () => {
    for (const [provider, models] of Object.entries(catalogData)) {
      for (const model of models) {
        const { fields = {} } = provenance[`${provider}/${model.id}`] ?? { sources: [] }
        expect('rateLimits' in model, model.id).toBe('rateLimits' in fields)
        if (provider === 'openai')
          expect(model.facts?.reasoningEfforts !== undefined).toBe('reasoningEfforts' in fields)
        if (model.capabilities.prefill !== undefined) expect(fields).toHaveProperty('prefill')
      }
    }
  })

  test('have a price of input for every model, on their day', () => {
    for (const models of Object.values(catalogData)) {
      for (const { id, prices } of models) {
        const period = prices.findLast(({ from }) => from === undefined || from <= catalogDate)
        expect(typeof period?.input, id).toBe('bigint')
      }
    }
  })
})

const sound: ModelData = {
  id: 'one',
  status: 'active',
  released: '2026-01-02',
  contextWindow: 1_000,
  maxOutputTokens: 100,
  capabilities: {},
  prices: [{ input: 2n, output: 4n, longContext: [{ tokens: 500, when: 'exceeds', input: 3n }] }],
}
const day = '2026-11-20'
const problemsOf = (change: Partial<ModelData>, ...others: ModelData[]) =>
  modelProblems([{ ...sound, ...change }, ...others], day)

describe('a rule is heard', () => {
  test('by a sound model too', () => {
    expect(problemsOf({})).toEqual([])
  })

  test.each<[string, Partial<ModelData>]>([
    ['contextWindow must be a whole number over 0, and is 1.5.', { contextWindow: 1.5, maxOutputTokens: 1 }],
    ['maxOutputTokens must be a whole number over 0, and is 0.', { maxOutputTokens: 0 }],
    ['embeddingDimensions must be a whole number over 0, and is -1.', { embeddingDimensions: -1 }],
    ['maxInputTokens is over contextWindow.', { maxInputTokens: 1_001 }],
    ['maxOutputTokens is over contextWindow.', { maxOutputTokens: 1_001 }],
    ['released is no day: 2026-02-30.', { released: '2026-02-30' }],
    ['released is no day: soon.', { released: 'soon' }],
    ['retirement.notBefore is no day: 2027.', { retirement: { notBefore: '2027' } }],
    [
      'it retires before it is released.',
      { status: 'deprecated', released: '2027-02-01', retirement: { date: '2027-01-01' } },
    ],
    ['it is retired, and its retirement.date is not past.', { status: 'retired' }],
    ['it is retired, and its retirement.date is not past.', { status: 'retired', retirement: { date: '2026-11-21' } }],
    [
      'it is deprecated, and its retirement.date is past.',
      { status: 'deprecated', retirement: { date: '2026-11-20' } },
    ],
    ['it is deprecated, and has no retirement.date.', { status: 'deprecated' }],
    ['it is legacy, and has a retirement.date.', { status: 'legacy', retirement: { date: '2027-01-01' } }],
    ['its replacement two is no other model here.', { retirement: { replacement: 'two' } }],
    ['its replacement one is no other model here.', { retirement: { replacement: 'one' } }],
    ['it is routed, and has no retirement.date or no replacement.', { retirement: { routed: true } }],
    ['prices[0] is the first, and has a from.', { prices: [{ from: '2026-01-01' }] }],
    ['prices[1].from is not after the period before it.', { prices: [{}, {}] }],
    [
      'prices[2].from is not after the period before it.',
      { prices: [{}, { from: '2026-02-01' }, { from: '2026-01-01' }] },
    ],
    ['prices[1].from is no day: 2026-1-1.', { prices: [{}, { from: '2026-1-1' }] }],
    ['prices[0].input is negative.', { prices: [{ input: -1n }] }],
    ['prices[0].cacheWrite.1h is negative.', { prices: [{ cacheWrite: { '1h': -1n } }] }],
    ['prices[0].units.searches is negative.', { prices: [{ units: { searches: -1n } }] }],
    ['prices[0].cachedInput is over input.', { prices: [{ input: 1n, cachedInput: 2n }] }],
    [
      'prices[0].longContext[0].output is negative.',
      { prices: [{ longContext: [{ tokens: 1, when: 'reaches', output: -1n }] }] },
    ],
    [
      'prices[0].longContext[0].tokens must be a whole number over 0, and is 0.5.',
      { prices: [{ longContext: [{ tokens: 0.5, when: 'reaches' }] }] },
    ],
    [
      'prices[0].longContext[1] is not longer than the tier before.',
      {
        prices: [
          {
            longContext: [
              { tokens: 9, when: 'reaches' },
              { tokens: 9, when: 'exceeds' },
            ],
          },
        ],
      },
    ],
    ['batch.percentOff is not between 0 and 100.', { batch: { percentOff: 0n, parts: [] } }],
    ['batch.percentOff is not between 0 and 100.', { batch: { percentOff: 100n, parts: [] } }],
    [
      'free: requestsPerMinute must be a whole number over 0, and is 0.',
      { rateLimits: [{ tier: 'free', requestsPerMinute: 0 }] },
    ],
    ['two rateLimits are of one tier.', { rateLimits: [{ tier: 'free' }, { tier: 'free' }] }],
  ])('%s', (problem, change) => {
    expect(problemsOf(change)).toEqual([`one: ${problem}`])
  })

  test('when a name stands for two models', () => {
    const two = { ...sound, id: 'two' }
    expect(problemsOf({}, { ...sound })).toEqual(['one: the name "one" already stands for one.'])
    expect(problemsOf({ aliases: ['two'] }, two)).toEqual(['two: the name "two" already stands for one.'])
    expect(problemsOf({ datedIds: ['x'] }, { ...two, aliases: ['x'] })).toHaveLength(1)
    expect(problemsOf({ distinctSnapshots: ['x'] }, { ...two, datedIds: ['x'] })).toHaveLength(1)
    expect(problemsOf({ aliases: [''] })).toEqual(['one: a name is empty.'])
  })

  test('when a replacement is no help', () => {
    const two: ModelData = { ...sound, id: 'two', status: 'retired', retirement: { date: '2026-02-02' } }
    expect(problemsOf({ retirement: { replacement: 'two' } }, two)).toEqual(['one: its replacement two is retired.'])
    const routed: ModelData = {
      ...sound,
      id: 'two',
      status: 'deprecated',
      retirement: { date: '2027-01-01', replacement: 'one', routed: true },
    }
    expect(problemsOf({ retirement: { replacement: 'two' } }, routed)).toEqual([
      'one: its replacement two is itself routed to another.',
    ])
  })

  test('but not where sources dispute an end', () => {
    expect(problemsOf({ status: 'deprecated', retirement: { date: '2026-08-16', disputed: true } })).toEqual([])
  })
})
