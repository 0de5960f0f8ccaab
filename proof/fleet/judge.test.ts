import { formatMoney } from '@switchyard/core'
import { expect, test } from 'vitest'
import { limits } from './configuration.ts'
import type { FleetRecord } from './fleet-record.ts'
import { judge } from './judge.ts'
import { billed } from './prices.ts'
import type { ProviderRequest } from './provider-account.ts'

const dollar = 1_000_000_000_000n

function provided(traceId: string, outputTokens: number, state: 'complete' | 'aborted' = 'complete'): ProviderRequest {
  const tokens = { inputTokens: 20, cachedTokens: 0, cacheWriteTokens: {}, outputTokens, reasoningTokens: 0 }
  const bill = { requestId: `req_${traceId}`, model: 'gpt-sim', ...tokens, state }
  return { provider: 'north', traceId, arrivedAt: 0, bodyBytes: 200, maxTokens: 50_000, bill }
}

// one answer of 3.9 USD, and one whose gateway was killed
const answer = provided('1', 50_000)
const abandoned = provided('2', 100, 'aborted')
const paid = billed(answer.bill as never)
const at = { gateway: 'first', at: 0 }

const good: FleetRecord = {
  seed: 'none',
  seconds: 1,
  damage: { kills: 1, stops: 1, flushes: 1, redisRestarts: 1, cuts: 1, killed: [{ gateway: 'first', at: 1 }] },
  callers: [
    { requestId: 'a', traceId: '1', ...at, answered: { type: 'acknowledged', cost: formatMoney(paid) } },
    { requestId: 'b', traceId: '2', ...at, answered: { type: 'lost' } },
    { requestId: 'c', traceId: '3', ...at, answered: { type: 'left' } },
    { requestId: 'd', traceId: '4', ...at, answered: { type: 'failed' } },
    {
      requestId: 'e',
      traceId: '5',
      ...at,
      answered: { type: 'refused', status: 402, message: 'The budget "fleet" has too little left.' },
    },
    {
      requestId: 'f',
      traceId: '6',
      ...at,
      answered: { type: 'refused', status: 429, message: 'The limit "north" has no room.' },
    },
    {
      requestId: 'g',
      traceId: '7',
      ...at,
      answered: { type: 'refused', status: 429, message: 'The limit "west" has no room.' },
    },
  ],
  providers: [answer, abandoned],
  attempts: [{ requestId: 'a', provider: 'north', outcome: 'completed', cost: paid, costIs: 'bill' }],
  completed: ['a'],
  standing: { settled: paid, reserved: 0n, charged: dollar },
  highest: 5n * dollar,
  looks: 1_000,
  sawExpired: true,
  exitCodes: [0, 0, 0, 0],
}

function broken(record: Partial<FleetRecord>): readonly string[] {
  return judge({ ...good, ...record }).flatMap(({ promise, kept }) => (kept ? [] : [promise]))
}

test('a run that keeps every promise passes', () => {
  expect(broken({})).toEqual([])
})

const [acknowledged, lost, ...others] = good.callers
const cheap = provided('1', 10)

const breaches: Readonly<Record<string, readonly [Partial<FleetRecord>, readonly string[]]>> = {
  'a provider that bills too much for nobody': [
    { providers: [answer, provided('2', 20_000, 'aborted')] },
    ['bill no more than the budget', 'billed and not recorded'],
  ],
  'one pico-dollar too much at any moment': [{ highest: 5n * dollar + 1n }, ['never exceed the budget']],
  'a watcher who hardly looked': [{ looks: 10 }, ['never exceed the budget']],
  'a reservation that leaks': [{ standing: { ...good.standing, reserved: 1n } }, ['nothing is reserved']],
  'a charge that was taken back twice': [
    { standing: { ...good.standing, charged: -1n } },
    ['is spent', 'nothing is reserved', 'billed and not recorded'],
  ],
  'a fleet that refuses everything': [
    {
      providers: [cheap, abandoned],
      attempts: [{ ...good.attempts[0], cost: billed(cheap.bill as never) } as never],
      callers: [
        {
          ...acknowledged,
          answered: { type: 'acknowledged', cost: formatMoney(billed(cheap.bill as never)) },
        } as never,
        lost as never,
        ...others,
      ],
      standing: { ...good.standing, settled: billed(cheap.bill as never) },
    },
    ['is spent'],
  ],
  'an acknowledged answer that is not in the ledger': [{ completed: [] }, ['acknowledged answer is missing']],
  'a request that is in it twice': [{ completed: ['a', 'a'] }, ['in the ledger twice']],
  'an answer that tells another cost': [
    {
      callers: [
        { ...acknowledged, answered: { type: 'acknowledged', cost: '1 USD' } } as never,
        lost as never,
        ...others,
      ],
    },
    ['tells what the ledger says'],
  ],
  'money that was settled without an entry': [
    { standing: { ...good.standing, settled: paid + 1n } },
    ['sum of the entries'],
  ],
  'a bill that nobody recorded and no crash explains': [
    { damage: { ...good.damage, killed: [{ gateway: 'second', at: 1 }] } },
    ['billed and not recorded'],
  ],
  'a bill of a dead process that is not charged': [
    { standing: { ...good.standing, charged: 1n } },
    ['is spent', 'billed and not recorded'],
  ],
  'a gateway that does not end well': [{ exitCodes: [0, 0, 1, 0] }, ['all of it happened']],
  'a run that never reached the limit of tokens': [
    { callers: good.callers.filter(({ requestId }) => requestId !== 'g') },
    ['all of it happened'],
  ],
  'a run whose connections to the database held': [{ damage: { ...good.damage, cuts: 0 } }, ['all of it happened']],
  'more tokens in a minute than the limit': [
    {
      providers: [{ ...answer, provider: 'west' }, abandoned],
      attempts: good.attempts.map(row => ({ ...row, provider: 'west' })),
    },
    ['tokens in a minute'],
  ],
  'a run without a flush': [{ damage: { ...good.damage, flushes: 0 } }, ['all of it happened']],
  'more arrivals in a minute than the limit': [
    {
      providers: [
        answer,
        abandoned,
        ...Array.from({ length: limits.north.requestsPerMinute ?? 0 }, (_, index) => {
          const { bill: _bill, ...refused } = provided('1', 1)
          return { ...refused, arrivedAt: index }
        }),
      ],
    },
    ['requests in a minute'],
  ],
}

test.each(Object.entries(breaches))('%s is found', (_, [record, promises]) => {
  const found = broken(record)
  expect(found).toHaveLength(promises.length)
  for (const promise of promises) expect(found).toContainEqual(expect.stringContaining(promise))
})
