import { isSwitchyardError, type ModelFacts, type Usage } from '@switchyard/core'
import { describe, expect, test } from 'vitest'
import { type Catalog, createCatalog } from './catalog.ts'
import { catalogData } from './data/index.ts'
import { statusAt } from './model-status.ts'

const wall = Date.parse('2026-11-20T12:00:00Z')
const clock = { wall: () => wall }
const catalog = createCatalog({ clock })

describe('a model is found', () => {
  test('by its id, as a reference or in two halves', () => {
    expect(catalog.get('openai/gpt-5.4')?.id).toBe('gpt-5.4')
    expect(catalog.get('openai', 'gpt-5.4')).toBe(catalog.get('openai/gpt-5.4'))
    expect(catalog.get('groq/openai/gpt-oss-120b')).toMatchObject({ provider: 'groq', id: 'openai/gpt-oss-120b' })
  })

  test('by its aliases and by the dated ids that the data list', () => {
    expect(catalog.get('openai/gpt-5.6')?.id).toBe('gpt-5.6-sol')
    expect(catalog.get('anthropic/claude-sonnet-4-20250514')?.id).toBe('claude-sonnet-4-0')
    expect(catalog.get('xai/grok-4.20-0309-reasoning')?.id).toBe('grok-4.20-reasoning')
  })

  test("by OpenAI's pattern for snapshots", () => {
    expect(catalog.get('openai/gpt-5.4-mini-2026-03-05')).toBe(catalog.get('openai/gpt-5.4-mini'))
    expect(catalog.get('openai/gpt-5.6-2026-07-01')?.id).toBe('gpt-5.6-sol')
  })

  test("by Ollama's default tag", () => {
    expect(catalog.get('ollama/llama3.3:latest')?.id).toBe('llama3.3')
  })

  test.each([
    'openai/gpt-5.4-mini-2026-13-05',
    'openai/gpt-5.4-mini-20260305',
    'openai/gpt-5.4-mini-2026-03-05-2026-03-05',
    'openai/gpt-5.4-min',
    'openai/GPT-5.4',
    'openai/gpt-9-2026-01-01',
    'openai/gpt-4o-2024-05-13',
    'openai/',
    'anthropic/claude-opus-5-5-20260922',
    'anthropic/claude-haiku-5.5',
    'gemini/gemini-2.5-flash-2025-06-17',
    'ollama/llama3.3:70b',
    'groq/gpt-oss-120b',
    'gpt-5.4',
    'nobody/gpt-5.4',
    '__proto__/gpt-5.4',
    'openai/constructor',
    '',
  ])('but %j is none, and nothing is guessed', reference => {
    expect(catalog.get(reference)).toBeUndefined()
  })

  test('under every name of the configuration for its provider', () => {
    const named = createCatalog({ providers: { work: 'openai', openai: 'xai' } })
    expect(named.get('work/gpt-5.4')).toMatchObject({ provider: 'work', id: 'gpt-5.4' })
    expect(named.get('work/gpt-5.4-mini-2026-03-05')?.id).toBe('gpt-5.4-mini')
    expect(named.get('openai/gpt-5.4')).toBeUndefined()
    expect(named.get('openai/grok-4.7')?.id).toBe('grok-4.7')
  })
})

describe('models are filtered', () => {
  const ids = (...filter: Parameters<typeof catalog.find>) => catalog.find(...filter).map(({ id }) => id)

  test('by nothing', () => {
    expect(catalog.find()).toHaveLength(Object.values(catalogData).flat().length)
  })

  test('by provider and status', () => {
    expect(ids({ provider: 'xai', status: 'retired' })).toEqual(['grok-4-0709', 'grok-3', 'grok-code-fast-1'])
    expect(ids({ provider: ['xai', 'groq'], status: ['preview', 'deprecated'] })).toEqual([
      'qwen/qwen3.8-27b',
      'qwen/qwen3.6-27b',
      'llama-3.3-70b-versatile',
      'llama-3.1-8b-instant',
    ])
  })

  test('by capabilities that are known', () => {
    expect(ids({ provider: 'openai', capability: 'embeddings' })).toHaveLength(3)
    expect(ids({ provider: 'gemini', capability: ['embeddings', 'images'] })).toEqual(['gemini-embedding-2'])
    expect(ids({ capability: 'prefill' })).toEqual([])
  })

  test('by price, window, output and batch', () => {
    expect(
      ids({ provider: 'openai', status: 'active', maxInputPrice: 1_000_000n, minContextWindow: 1_000_000 }),
    ).toEqual(['gpt-6.1-terra', 'gpt-6-luna', 'gpt-5.6-luna'])
    expect(ids({ provider: 'anthropic', maxOutputPrice: 4_999_999n })).toEqual(['claude-haiku-5-5', 'claude-3-5-haiku'])
    expect(ids({ provider: 'xai', minOutputTokens: 1 })).toEqual(['grok-4.3', 'grok-4.20-reasoning'])
    expect(ids({ provider: 'xai', batch: true })).toEqual([])
    expect(ids({ provider: 'gemini', batch: false })).toEqual([])
  })

  test('at the prices and the status of the day', () => {
    const later = createCatalog({ clock: { wall: () => Date.parse('2027-01-02T00:00:00Z') } })
    const cheap = { provider: 'gemini', maxInputPrice: 1_000_000n, status: 'active' } as const
    expect(ids(cheap)).toContain('gemini-3.8-flash')
    expect(later.find(cheap).map(({ id }) => id)).not.toContain('gemini-3.8-flash')
    expect(later.find({ provider: 'openai', status: 'retired' }).map(({ id }) => id)).toContain('gpt-5')
  })
})

describe('the facts that providers ask for', () => {
  const facts = (reference: string): ModelFacts => {
    const slash = reference.indexOf('/')
    const found = catalog.facts(reference.slice(0, slash), reference.slice(slash + 1))
    if (found === undefined) throw new Error(`nothing is known of ${reference}`)
    return found
  }

  test('are the same object at every call, whatever the name', () => {
    expect(facts('openai/gpt-5.4-mini')).toBe(facts('openai/gpt-5.4-mini-2026-03-05'))
    expect(facts('openai/gpt-5.4-mini-2026-03-05')).toBe(facts('openai/gpt-5.4-mini-2026-03-05'))
    for (let day = 0; day < 3_000; day++) {
      const date = new Date(day * 86_400_000).toISOString().slice(0, 10)
      expect(catalog.facts('openai', `gpt-5-${date}`)).toBe(facts('openai/gpt-5'))
    }
    expect(Object.isFrozen(facts('openai/gpt-5'))).toBe(true)
    expect(catalog.facts('openai', 'gpt-9')).toBeUndefined()
    expect(catalog.facts('nobody', 'gpt-5')).toBeUndefined()
  })

  test('speak the words of the contract', () => {
    expect(facts('openai/gpt-6-astra')).toEqual({
      outputCapParameter: 'max_completion_tokens',
      reasoningEfforts: ['low', 'medium', 'high', 'xhigh', 'max'],
      thinking: 'always',
      toolsInChatCompletions: 'never',
      capabilities: {
        streaming: true,
        tools: true,
        jsonSchema: true,
        images: true,
        reasoning: true,
        temperature: false,
        topP: false,
        contextWindow: 1_050_000,
        maxOutputTokens: 128_000,
      },
    })
  })

  test('tell where a model of OpenAI takes tools, and which effort', () => {
    expect(facts('openai/gpt-5.4').toolsInChatCompletions).toBe('without-reasoning')
    expect(facts('openai/gpt-5.4-mini').toolsInChatCompletions).toBeUndefined()
    expect(facts('openai/gpt-5').reasoningEfforts).toEqual(['minimal', 'low', 'medium', 'high'])
    expect(facts('openai/gpt-4o')).not.toHaveProperty('outputCapParameter')
    expect(facts('openai/gpt-4o').capabilities).toMatchObject({ temperature: true, reasoning: false })
    expect(facts('openai/gpt-4o').capabilities).not.toHaveProperty('topP')
    expect(facts('openai/o3').capabilities?.stop).toBe(false)
    expect(facts('xai/grok-4.20-reasoning').reasoningEfforts).toEqual([])
  })

  test('tell the version of the API and the thinking of a generation of Anthropic', () => {
    const told = (model: string) => {
      const { apiVersion, thinking, forcedToolChoice, capabilities } = facts(`anthropic/${model}`)
      return [
        apiVersion,
        thinking,
        forcedToolChoice,
        capabilities?.temperature,
        capabilities?.topP,
        capabilities?.prefill,
      ]
    }
    expect(told('claude-opus-5-5')).toEqual(['2026-10-21', 'always', false, false, false, false])
    expect(told('claude-fable-5')[1]).toBe('always')
    expect(told('claude-sonnet-5-5')).toEqual(['2026-10-21', 'effort', undefined, false, false, false])
    expect(told('claude-opus-4-7')).toEqual(['2026-10-21', 'effort', undefined, false, false, false])
    expect(told('claude-opus-4-6')).toEqual(['2023-06-01', 'effort', undefined, true, undefined, false])
    expect(told('claude-haiku-4-5')).toEqual(['2023-06-01', 'budget', undefined, true, undefined, undefined])
    expect(told('claude-3-5-haiku')).toEqual(['2023-06-01', undefined, undefined, true, undefined, undefined])
  })

  test('tell how a generation of Gemini is asked to think', () => {
    expect(facts('gemini/gemini-4-argon').thinking).toBe('effort')
    expect(facts('gemini/gemini-2.5-pro').thinking).toBe('budget')
    expect(facts('gemini/gemini-2.5-pro').reasoningEfforts).not.toContain('none')
    expect(facts('gemini/gemini-2.5-flash')).not.toHaveProperty('reasoningEfforts')
  })
})

describe('what the user knows better', () => {
  const mine = createCatalog({
    clock,
    overrides: {
      'lab/tiny': {
        contextWindow: 8_192,
        maxOutputTokens: 1_024,
        silentReasoningMs: 60_000,
        capabilities: { tools: true, prefill: true },
        price: { input: 150_000n, output: 600_000n, cachedInput: 50_000n, units: { searches: 5n } },
      },
      'openai/gpt-6-sol': { capabilities: { temperature: true }, facts: { thinking: 'always' }, price: { input: 7n } },
      'openai/gpt-5.4-2026-03-05': { contextWindow: 272_000 },
      'openai/gpt-5.6': { contextWindow: 5 * 272_000 },
    },
  })
  const known = createCatalog({ clock })
  const usage: Usage = {
    input: { uncached: 100, cacheRead: 10, cacheWrite: {} },
    output: { text: 1, reasoning: 2 },
    units: { searches: 3, files: 1 },
  }

  test('adds a model', () => {
    expect(mine.facts('lab', 'tiny')).toEqual({
      capabilities: {
        tools: true,
        prefill: true,
        contextWindow: 8_192,
        maxOutputTokens: 1_024,
        silentReasoningMs: 60_000,
      },
    })
    expect(mine.get('lab/tiny')).toMatchObject({ origin: 'override', provider: 'lab' })
    expect(mine.find({ provider: 'lab' })).toHaveLength(1)
  })

  test('prices it, units too, and says what it has no price for', () => {
    const units = { parts: expect.any(Array), unknown: ['units.files'] }
    expect(mine.cost(usage, 'lab/tiny')).toMatchObject({
      ...units,
      subtotal: 15_000_000n + 500_000n + 1_800_000n + 15n,
    })
    expect(mine.cost({ ...usage, units: {} }, 'lab/tiny').total).toBe(17_300_000n)
    expect(mine.cost({ ...usage, units: { constructor: 1 } }, 'lab/tiny').unknown).toEqual(['units.constructor'])
  })

  test('changes a model, and takes the place of all its prices', () => {
    expect(mine.facts('openai', 'gpt-6-sol')).toMatchObject({
      thinking: 'always',
      outputCapParameter: 'max_completion_tokens',
      capabilities: { temperature: true, tools: true },
    })
    expect(mine.get('openai/gpt-6-sol')?.prices).toEqual([{ input: 7n }])
    const order = (of: Catalog) => of.find({ provider: 'openai' }).map(({ id }) => id)
    expect(order(mine).slice(0, 34)).toEqual(order(known))
    const { unknown } = mine.cost({ ...usage, units: {} }, 'openai/gpt-6-sol')
    expect(unknown).toEqual(['cacheRead', 'text', 'reasoning'])
  })

  test('holds for the name that it names, on top of what is known of the model', () => {
    expect(mine.get('openai/gpt-5.4-2026-03-05')).toMatchObject({ id: 'gpt-5.4-2026-03-05', contextWindow: 272_000 })
    expect(mine.get('openai/gpt-5.4-2026-03-05')?.prices).toEqual(mine.get('openai/gpt-5.4')?.prices)
    expect(mine.get('openai/gpt-5.4')?.contextWindow).toBe(known.get('openai/gpt-5.4')?.contextWindow)
    expect(mine.get('openai/gpt-5.6')).toMatchObject({ contextWindow: 5 * 272_000, id: 'gpt-5.6' })
    expect(mine.get('openai/gpt-5.6-sol')?.contextWindow).toBe(1_050_000)
  })

  test('of a smaller window bounds what was known beside it', () => {
    expect(mine.get('openai/gpt-5.4-2026-03-05')?.maxInputTokens).toBe(272_000)
    const learning = createCatalog({ clock })
    learning.learn('openai', { models: [{ id: 'gpt-5.4', contextWindow: 100_000 }] })
    expect(learning.get('openai/gpt-5.4')).toMatchObject({ maxInputTokens: 100_000, maxOutputTokens: 100_000 })
  })

  test('is refused by name where it cannot be', () => {
    const refused = () => createCatalog({ overrides: { 'lab/tiny': { contextWindow: 0 } } })
    expect(refused).toThrow('The model lab/tiny cannot be as it is overridden: contextWindow must be a whole number')
    try {
      refused()
    } catch (error) {
      expect(isSwitchyardError(error, 'invalid-request')).toBe(true)
    }
    expect(() => createCatalog({ overrides: { 'lab/tiny': { price: { input: -1n } } } })).toThrow('is negative')
    expect(() => createCatalog({ overrides: { tiny: {} } })).toThrow('"tiny" names no model: write provider/model')
  })
})

describe('what a provider tells', () => {
  test('is newer than the data, and what it does not tell stays', () => {
    const learning = createCatalog({ clock })
    const before = learning.facts('openai', 'gpt-5')
    learning.learn('openai', {
      models: [
        { id: 'gpt-5', contextWindow: 500_000, capabilities: { tools: false, images: 'unknown' } },
        { id: 'gpt-5.4', retiresAt: '2027-06-30T00:00:00Z' },
        { id: 'gpt-5.5', retiresAt: 'someday' },
      ],
    })
    expect(learning.facts('openai', 'gpt-5')).not.toBe(before)
    expect(learning.get('openai/gpt-5')).toMatchObject({
      contextWindow: 500_000,
      maxOutputTokens: 128_000,
      capabilities: { tools: false, images: true },
      origin: 'catalog',
    })
    expect(learning.get('openai/gpt-5.4')).toMatchObject({ status: 'deprecated', retirement: { date: '2027-06-30' } })
    expect(learning.get('openai/gpt-5.5')).toMatchObject({ status: 'active' })
    expect(learning.get('openai/gpt-5.5')).not.toHaveProperty('retirement')
  })

  test('adds models whose price is unknown', () => {
    const learning = createCatalog({ clock })
    learning.learn('openai', {
      models: [{ id: 'gpt-7', contextWindow: 9, maxOutputTokens: 8 }, { id: 'gpt-4o-2024-05-13' }],
    })
    expect(learning.get('openai/gpt-7')).toMatchObject({ origin: 'provider', prices: [] })
    expect(learning.facts('openai', 'gpt-7')).toEqual({ capabilities: { contextWindow: 9, maxOutputTokens: 8 } })
    expect(learning.get('openai/gpt-4o-2024-05-13')?.prices).toEqual([])
    const usage: Usage = { input: { uncached: 1, cacheRead: 0, cacheWrite: {} }, output: { text: 0, reasoning: 0 } }
    expect(learning.cost(usage, 'openai/gpt-7')).toMatchObject({ unknown: ['model'] })
  })

  test('of a snapshot is no new model', () => {
    const learning = createCatalog({ clock })
    learning.learn('openai', { models: [{ id: 'gpt-5.4-2026-03-05', contextWindow: 5 }] })
    learning.learn('anthropic', { models: [{ id: 'claude-haiku-4-5-20251001', contextWindow: 300_000 }] })
    expect(learning.get('openai/gpt-5.4-2026-03-05')?.contextWindow).toBe(1_050_000)
    expect(learning.get('anthropic/claude-haiku-4-5')?.contextWindow).toBe(300_000)
    expect(learning.find({ provider: ['openai', 'anthropic'] })).toHaveLength(34 + 19)
  })

  test('holds for the snapshots of a model that were asked for before', () => {
    const learning = createCatalog({ clock })
    expect(learning.get('openai/gpt-5.4-2026-03-05')?.contextWindow).toBe(1_050_000)
    learning.learn('openai', { models: [{ id: 'gpt-5.4', contextWindow: 500_000 }] })
    expect(learning.get('openai/gpt-5.4-2026-03-05')?.contextWindow).toBe(500_000)
  })

  test('of an end leaves it known who answers from then on', () => {
    const learning = createCatalog({ clock })
    const routed = learning.find({ provider: 'gemini' }).find(({ retirement }) => retirement?.routed)
    const { id = '', retirement } = routed ?? {}
    expect(retirement?.replacement).toBeDefined()
    learning.learn('gemini', { models: [{ id, retiresAt: '2027-06-01T00:00:00Z' }] })
    expect(learning.get('gemini', id)?.retirement).toEqual({
      date: '2027-06-01',
      replacement: retirement?.replacement,
      routed: true,
    })
  })

  test('of a model under two names is what its own name has', () => {
    const lists = [
      { id: 'claude-haiku-4-5', contextWindow: 1_000 },
      { id: 'claude-haiku-4-5-20251001', contextWindow: 2_000 },
    ]
    for (const models of [lists, lists.toReversed()]) {
      const learning = createCatalog({ clock })
      learning.learn('anthropic', { models })
      expect(learning.get('anthropic/claude-haiku-4-5')?.contextWindow).toBe(1_000)
    }
  })

  test('leaves the others as they were, and the same again changes nothing', () => {
    const learning = createCatalog({ clock })
    const other = learning.facts('openai', 'gpt-4o')
    const list = { models: [{ id: 'gpt-5', contextWindow: 500_000 }] }
    learning.learn('openai', list)
    const learned = learning.facts('openai', 'gpt-5')
    learning.learn('openai', structuredClone(list))
    expect(learning.facts('openai', 'gpt-5')).toBe(learned)
    expect(learning.facts('openai', 'gpt-4o')).toBe(other)
    learning.learn('openai', { models: [] })
    expect(learning.get('openai/gpt-5')?.contextWindow).toBe(400_000)
  })

  test('gives way to the user', () => {
    const learning = createCatalog({ clock, overrides: { 'openai/gpt-7': { contextWindow: 1_000 } } })
    learning.learn('openai', { models: [{ id: 'gpt-7', contextWindow: 9, maxOutputTokens: 8 }] })
    expect(learning.get('openai/gpt-7')).toMatchObject({ contextWindow: 1_000, maxOutputTokens: 8, origin: 'override' })
  })

  test('is heard for providers that the data do not know', () => {
    const learning = createCatalog({ clock })
    learning.learn('lab', { models: [{ id: 'big', contextWindow: 5 }], gone: [{ id: 'small', since: wall }] })
    expect(learning.facts('lab', 'big')).toEqual({ capabilities: { contextWindow: 5 } })
    expect(learning.get('lab/small')).toMatchObject({ goneSince: wall })
  })
})

describe('a model that ends', () => {
  const told = (target: string, options = {}) => catalog.retirements([target], options)[0]

  test('is retired from its day on', () => {
    expect(told('openai/gpt-4')).toEqual({
      target: 'openai/gpt-4',
      state: 'retired',
      date: '2026-10-23',
      daysLeft: -28,
      replacement: 'openai/gpt-5.6-sol',
      message:
        'openai/gpt-4 was retired on 2026-10-23: calls to it fail. Its provider names openai/gpt-5.6-sol instead.',
    })
    expect(told('openai/gpt-5', { at: Date.parse('2026-12-11T00:00:00Z') })).toMatchObject({
      state: 'retired',
      daysLeft: 0,
    })
  })

  test('is near its end for 60 days before it, or as many as are asked for', () => {
    expect(told('openai/gpt-5', { at: Date.parse('2026-12-10T23:59:59Z') })).toMatchObject({
      state: 'retiring',
      daysLeft: 1,
      message: 'openai/gpt-5 will be retired on 2026-12-11, in 1 day. Its provider names openai/gpt-5.6-sol instead.',
    })
    expect(told('openai/gpt-4o')).toMatchObject({ state: 'retiring', daysLeft: 55 })
    expect(told('openai/gpt-4o', { withinDays: 55 })).toMatchObject({ state: 'retiring' })
    expect(told('openai/gpt-4o', { withinDays: 54 })).toMatchObject({ state: 'deprecated', daysLeft: 55 })
    expect(told('openai/gpt-5.1')).toMatchObject({ state: 'deprecated', date: '2027-04-01' })
  })

  test('may be answered for by another', () => {
    expect(told('gemini/gemini-2.5-flash')?.message).toBe(
      'gemini/gemini-2.5-flash will be retired on 2026-12-01, in 11 days. From then on its requests are answered by gemini/gemini-3.5-flash-lite, at its price.',
    )
    expect(told('gemini/gemini-2.5-flash', { at: Date.parse('2026-12-02T00:00:00Z') })?.message).toBe(
      'gemini/gemini-2.5-flash was retired on 2026-12-01. From then on its requests are answered by gemini/gemini-3.5-flash-lite, at its price.',
    )
  })

  test('may be disputed', () => {
    expect(told('groq/llama-3.3-70b-versatile')).toMatchObject({
      state: 'retiring',
      message:
        'groq/llama-3.3-70b-versatile was to be retired on 2026-08-16, and sources disagree on whether it still is served. Its provider names groq/openai/gpt-oss-120b instead.',
    })
    const model = catalog.get('groq/llama-3.3-70b-versatile')
    expect(model && statusAt(model, wall)).toBe('deprecated')
    const learning = createCatalog({ clock })
    learning.learn('groq', { models: [{ id: 'llama-3.3-70b-versatile', retiresAt: '2026-08-16' }] })
    expect(learning.retirements(['groq/llama-3.3-70b-versatile'])[0]).toMatchObject({ state: 'retired' })
  })

  test('may be gone from the list of its provider', () => {
    const learning = createCatalog({ clock })
    learning.learn('ollama', { models: [], gone: [{ id: 'mistral', since: Date.parse('2026-11-19T08:00:00Z') }] })
    expect(learning.retirements(['ollama/mistral'])).toEqual([
      {
        target: 'ollama/mistral',
        state: 'gone',
        message: "ollama/mistral has not been in its provider's list of models since 2026-11-19.",
      },
    ])
  })

  test('may have been deprecated without a day', () => {
    const named = createCatalog({ clock, overrides: { 'lab/old': { status: 'deprecated' } } })
    expect(named.retirements(['lab/old'])).toEqual([
      { target: 'lab/old', state: 'deprecated', message: 'lab/old is deprecated.' },
    ])
  })

  test('is told among those that do not, which are not told', () => {
    const targets = ['openai/gpt-6-sol', 'openai/gpt-5', 'nobody/knows', 'anthropic/claude-opus-5', 'xai/grok-3']
    expect(catalog.retirements(targets).map(({ target }) => target)).toEqual(['openai/gpt-5', 'xai/grok-3'])
  })
})

test.each(['lab/', '/tiny', 'tiny', ''])('an override of "%s" is refused, for it names no model', name => {
  expect(() => createCatalog({ overrides: { [name]: {} } })).toThrow('names no model: write provider/model.')
})
