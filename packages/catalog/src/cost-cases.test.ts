import type { Usage } from '@switchyard/core'
import { expect, test } from 'vitest'
import { createCatalog } from './catalog.ts'

// prices below are USD per million tokens; so one token at 1 is 1 micro-dollar, 1_000_000 pico-dollars.
// each sum is worked out by hand, in micro-dollars
const micro = (text: string): bigint => {
  const [whole = '', fraction = ''] = text.split('.')
  return BigInt(whole.replaceAll(',', '')) * 1_000_000n + BigInt(fraction.padEnd(6, '0'))
}

interface Counts {
  readonly uncached?: number
  readonly read?: number
  readonly write?: Readonly<Record<string, number>>
  readonly text?: number
  readonly reasoning?: number
}
const usage = ({ uncached = 0, read = 0, write = {}, text = 0, reasoning = 0 }: Counts): Usage => ({
  input: { uncached, cacheRead: read, cacheWrite: write },
  output: { text, reasoning },
})

const now = '2026-11-20'
const catalog = createCatalog()
const costOn = (model: string, counts: Counts, date: string, batch = false) =>
  catalog.cost(usage(counts), model, new Date(`${date}${date.includes('T') ? '' : 'T12:00:00Z'}`), { batch })

type Case = readonly [number: number, model: string, counts: Counts, date: string, sum: string, total: string]

test.each<Case>([
  // plain
  [1, 'openai/gpt-5.4-mini', { uncached: 1_000, text: 100 }, now, '1,000 x 0.75 + 100 x 4.5', '1200'],
  [2, 'openai/gpt-4o-mini', { uncached: 7, text: 3 }, now, '7 x 0.15 + 3 x 0.6 = 1.05 + 1.8', '2.85'],
  [3, 'openai/gpt-5-nano', { uncached: 1, text: 0 }, now, '1 x 0.05', '0.05'],
  [
    4,
    'groq/openai/gpt-oss-20b',
    { uncached: 333, text: 777 },
    now,
    '333 x 0.075 + 777 x 0.3 = 24.975 + 233.1',
    '258.075',
  ],
  [5, 'ollama/qwen3', { uncached: 9_999, text: 9_999 }, now, 'everything at 0', '0'],
  [6, 'openai/text-embedding-3-large', { uncached: 8_191 }, now, '8,191 x 0.13', '1064.83'],
  [7, 'openai/gpt-5.4-mini-2026-03-05', { uncached: 1_000 }, now, 'the snapshot is gpt-5.4-mini: 1,000 x 0.75', '750'],
  [8, 'openai/gpt-5.6', { uncached: 10 }, now, 'the alias is gpt-5.6-sol: 10 x 4', '40'],

  // reasoning is billed as output
  [9, 'openai/gpt-6-luna', { uncached: 100, text: 20, reasoning: 80 }, now, '100 x 0.1 + (20 + 80) x 0.5', '60'],
  [
    10,
    'gemini/gemini-2.5-flash',
    { uncached: 10, text: 1, reasoning: 1_000 },
    now,
    '10 x 0.3 + 1 x 2.5 + 1,000 x 2.5',
    '2505.5',
  ],
  [11, 'xai/grok-4.3', { uncached: 100, text: 10, reasoning: 90 }, now, '100 x 1.25 + 100 x 2.5', '375'],
  [12, 'openai/o3', { uncached: 50, reasoning: 4_000 }, now, '50 x 2 + 4,000 x 8', '32100'],

  // cached input
  [
    13,
    'openai/gpt-5.4',
    { uncached: 200, read: 1_800, text: 50 },
    now,
    '200 x 2.5 + 1,800 x 0.25 + 50 x 15 = 500 + 450 + 750',
    '1700',
  ],
  [
    14,
    'groq/openai/gpt-oss-20b',
    { uncached: 1, read: 3, text: 1 },
    now,
    '0.075 + 3 x 0.0375 + 0.3 = 0.075 + 0.1125 + 0.3',
    '0.4875',
  ],
  [15, 'gemini/gemini-4-argon', { uncached: 100, read: 900, text: 10 }, now, '100 x 2 + 900 x 0.1 + 10 x 10', '390'],

  // cache writes by lifetime
  [
    16,
    'anthropic/claude-opus-5-5',
    { uncached: 10, write: { '5m': 1_000 }, text: 5 },
    now,
    '10 x 4 + 1,000 x 5 + 5 x 20',
    '5140',
  ],
  [
    17,
    'anthropic/claude-opus-5-5',
    { uncached: 10, write: { '1h': 1_000 }, text: 5 },
    now,
    '10 x 4 + 1,000 x 8 + 5 x 20',
    '8140',
  ],
  [
    18,
    'anthropic/claude-haiku-4-5',
    { uncached: 1, read: 2, write: { '5m': 3, '1h': 4 }, text: 5 },
    now,
    '1 + 2 x 0.1 + 3 x 1.25 + 4 x 2 + 5 x 5 = 1 + 0.2 + 3.75 + 8 + 25',
    '37.95',
  ],
  [
    19,
    'openai/gpt-6.1-terra',
    { uncached: 100, write: { '30m': 200, '12h': 300 }, text: 10 },
    now,
    '100 x 1 + 200 x 1.25 + 300 x 2.5 + 10 x 5 = 100 + 250 + 750 + 50',
    '1150',
  ],
  [
    20,
    'openai/gpt-6-sol',
    { uncached: 100, write: { default: 200 } },
    now,
    'no lifetime said is 30 minutes: 100 x 2 + 200 x 2.5',
    '700',
  ],
  [
    21,
    'openai/gpt-5.4',
    { uncached: 100, write: { default: 200 } },
    now,
    'writes cost what input does: (100 + 200) x 2.5',
    '750',
  ],

  // long prompts: the whole request at the tier's price
  [22, 'openai/gpt-6-sol', { uncached: 272_000, text: 1 }, now, 'not over 272,000: 272,000 x 2 + 10', '544010'],
  [
    23,
    'openai/gpt-6-sol',
    { uncached: 272_001, text: 1 },
    now,
    'over it: 272,001 x 4 + 15 = 1,088,004 + 15',
    '1088019',
  ],
  [
    24,
    'openai/gpt-6-sol',
    { uncached: 1, read: 272_000, text: 1 },
    now,
    'cached tokens count: 1 x 4 + 272,000 x 0.4 + 15 = 4 + 108,800 + 15',
    '108819',
  ],
  [25, 'xai/grok-4.6', { uncached: 199_999, text: 1 }, now, 'below 200,000: 199,999 x 2 + 6', '400004'],
  [26, 'xai/grok-4.6', { uncached: 200_000, text: 1 }, now, 'xAI: reached is enough: 200,000 x 4 + 12', '800012'],
  [
    27,
    'gemini/gemini-3.1-pro-preview',
    { uncached: 200_000, text: 1 },
    now,
    'Gemini: reached is not: 200,000 x 2 + 12',
    '400012',
  ],
  [
    28,
    'anthropic/claude-haiku-5-5',
    { uncached: 50_000, read: 30_000, write: { '5m': 20_001 }, text: 100 },
    now,
    'over 100,000 with reads and writes: 50,000 x 0.5 + 30,000 x 0.05 + 20,001 x 0.625 + 100 x 2.5 = 25,000 + 1,500 + 12,500.625 + 250',
    '39250.625',
  ],
  [
    29,
    'anthropic/claude-haiku-5-5',
    { uncached: 50_000, read: 30_000, write: { '5m': 20_000 }, text: 100 },
    now,
    'just 100,000: 50,000 x 0.1 + 30,000 x 0.01 + 20,000 x 0.125 + 100 x 0.5 = 5,000 + 300 + 2,500 + 50',
    '7850',
  ],

  // dates, in UTC
  [
    30,
    'gemini/gemini-4-argon',
    { uncached: 1_000, read: 1_000, text: 100 },
    '2026-11-30T23:59:59.999Z',
    'launch price: 1,000 x 2 + 1,000 x 0.1 + 100 x 10 = 2,000 + 100 + 1,000',
    '3100',
  ],
  [
    31,
    'gemini/gemini-4-argon',
    { uncached: 1_000, read: 1_000, text: 100 },
    '2026-12-01T00:00:00Z',
    'after it: 1,000 x 4 + 1,000 x 0.2 + 100 x 20 = 4,000 + 200 + 2,000',
    '6200',
  ],
  [
    32,
    'openai/gpt-5.6-sol',
    { uncached: 1_000, read: 1_000, write: { '30m': 100 }, text: 100 },
    '2026-08-20',
    'before the cut: 1,000 x 5 + 1,000 x 0.5 + 100 x 6.25 + 100 x 30 = 5,000 + 500 + 625 + 3,000',
    '9125',
  ],
  [
    33,
    'openai/gpt-5.6-sol',
    { uncached: 1_000, read: 1_000, write: { '30m': 100 }, text: 100 },
    '2026-08-21',
    'after it: 1,000 x 4 + 1,000 x 0.4 + 100 x 5 + 100 x 20 = 4,000 + 400 + 500 + 2,000',
    '6900',
  ],
  [
    34,
    'anthropic/claude-sonnet-5-5',
    { uncached: 10, read: 1_000 },
    '2026-10-06',
    'reads at 0.2 until then: 10 x 2 + 1,000 x 0.2',
    '220',
  ],
  [
    35,
    'anthropic/claude-sonnet-5-5',
    { uncached: 10, read: 1_000 },
    '2026-10-07',
    'reads at 0.1: 10 x 2 + 1,000 x 0.1',
    '120',
  ],
  [
    36,
    'gemini/gemini-2.5-pro',
    { uncached: 1_000, text: 100 },
    '2026-11-30',
    'its own price: 1,000 x 1.25 + 100 x 10',
    '2250',
  ],
  [
    37,
    'gemini/gemini-2.5-pro',
    { uncached: 1_000, text: 100 },
    '2026-12-01',
    'gemini-3.8-flash answers and is billed: 1,000 x 0.75 + 100 x 3.75',
    '1125',
  ],
  [
    38,
    'gemini/gemini-2.5-pro',
    { uncached: 1_000, text: 100 },
    '2027-01-01',
    'at its price of that day: 1,000 x 1.5 + 100 x 7.5',
    '2250',
  ],
])('case %i: %s', (_, model, counts, date, _sum, total) => {
  expect(costOn(model, counts, date)).toMatchObject({ total: micro(total), unknown: [] })
})

// batches at half the price
test.each<Case>([
  [
    39,
    'openai/gpt-5.4-mini',
    { uncached: 1_000, text: 100, reasoning: 10 },
    now,
    '(1,000 x 0.75 + 110 x 4.5) / 2 = (750 + 495) / 2',
    '622.5',
  ],
  [
    40,
    'anthropic/claude-opus-5-5',
    { uncached: 100, read: 1_000, write: { '1h': 10 }, text: 10 },
    now,
    'all parts: (100 x 4 + 1,000 x 0.2 + 10 x 8 + 10 x 20) / 2 = (400 + 200 + 80 + 200) / 2',
    '440',
  ],
  [
    41,
    'anthropic/claude-haiku-5-5',
    { uncached: 100_001, text: 100 },
    now,
    'in the tier: (100,001 x 0.5 + 100 x 2.5) / 2 = (50,000.5 + 250) / 2',
    '25125.25',
  ],
  [42, 'openai/gpt-6-luna', { uncached: 1, text: 1 }, now, '(0.1 + 0.5) / 2', '0.3'],
  [
    43,
    'gemini/gemini-2.5-pro',
    { uncached: 1_000, text: 100 },
    '2026-12-01',
    'at the half price of gemini-3.8-flash: (750 + 375) / 2',
    '562.5',
  ],
])('case %i, a batch: %s', (_, model, counts, date, _sum, total) => {
  expect(costOn(model, counts, date, true)).toMatchObject({ total: micro(total), unknown: [] })
})

// what is unknown is said, and what is known beside it is still summed up
test.each<readonly [number, string, Counts, string, boolean, string[], string]>([
  [44, 'openai/gpt-6-sol', { uncached: 10, write: { '12h': 5 } }, now, false, ['cacheWrite.12h'], '20'],
  [45, 'openai/gpt-6.1-terra', { uncached: 272_001, write: { '12h': 1 } }, now, false, ['cacheWrite.12h'], '544002'],
  [
    46,
    'anthropic/claude-sonnet-4-5',
    { uncached: 200_000, write: { '1h': 1 }, text: 1 },
    now,
    false,
    ['cacheWrite.1h'],
    '1200022.5',
  ],
  [47, 'openai/gpt-4', { uncached: 1, read: 1 }, now, false, ['cacheRead'], '30'],
  [48, 'openai/text-embedding-3-small', { uncached: 50, text: 1 }, now, false, ['text'], '1'],
  [49, 'openai/gpt-5.6-luna', { uncached: 272_001, text: 1 }, '2026-07-29', false, ['uncached', 'text'], '0'],
  [50, 'gemini/gemini-3.6-flash', { uncached: 10, text: 1 }, '2026-08-15', false, ['uncached', 'text'], '0'],
  [51, 'xai/grok-4.5', { uncached: 10, read: 5, text: 1 }, '2026-08-15', false, ['cacheRead'], '26'],
  [52, 'xai/grok-4.6', { uncached: 10 }, now, true, ['batch'], '0'],
  [53, 'xai/grok-4.3', { uncached: 10 }, now, true, ['batch'], '0'],
  [54, 'openai/gpt-5.4', { uncached: 10, read: 10, text: 1 }, now, true, ['batch.cacheRead'], '20'],
  [55, 'openai/gpt-9', { uncached: 10 }, now, false, ['model'], '0'],
])('case %i: %s does not tell all', (_, model, counts, date, batch, unknown, subtotal) => {
  const cost = costOn(model, counts, date, batch)
  expect(cost).toMatchObject({ unknown, subtotal: micro(subtotal) })
  expect(cost.total).toBeUndefined()
})
