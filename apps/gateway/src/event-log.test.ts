import { EventHub, type EventMap } from '@switchyard/core'
import { expect, test } from 'vitest'
import { type EventLine, logEvents } from './event-log.ts'

function logged() {
  const events = new EventHub()
  const lines: (EventLine & { readonly level: string })[] = []
  logEvents(events, {
    info: line => lines.push({ ...line, level: 'info' }),
    warn: line => lines.push({ ...line, level: 'warn' }),
  })
  return { events, lines }
}

const refusal: EventMap['budget-refused'] = {
  at: 1_000,
  budget: 'team',
  limit: '1 USD',
  settled: '1 USD',
  target: 'lab/x',
  asked: '0.01 USD',
  left: '0 USD',
}

test('a budget that refuses is told at once, and then every ten seconds with what was not told', () => {
  const { events, lines } = logged()
  for (let at = 0; at < 25_000; at += 10) events.emit('budget-refused', { ...refusal, at })
  expect(lines).toMatchObject([
    { event: 'budget-refused', budget: 'team', asked: '0.01 USD', level: 'warn' },
    { event: 'budget-refused', notTold: 999 },
    { event: 'budget-refused', notTold: 999 },
  ])
  expect(lines[0]).not.toHaveProperty('notTold')
  expect(lines[0]).not.toHaveProperty('at')
})

test('each budget and each quantity of a limit is told for itself', () => {
  const { events, lines } = logged()
  events.emit('budget-refused', refusal)
  events.emit('budget-refused', { ...refusal, budget: 'other' })
  for (const quantity of ['requests-per-minute', 'tokens-per-minute', 'tokens-per-minute']) {
    events.emit('limit-refused', { at: 1_000, limit: 'tier1', quantity, target: 'lab/x' })
  }
  expect(lines.map(({ event }) => event)).toEqual([
    'budget-refused',
    'budget-refused',
    'limit-refused',
    'limit-refused',
  ])
})

test('alerts and overruns are told each time', () => {
  const { events, lines } = logged()
  const { budget, limit, settled, target } = refusal
  for (const threshold of [0.5, 0.8]) events.emit('budget-alert', { at: 1, budget, limit, settled, threshold })
  events.emit('budget-overrun', { at: 1, budget, limit, settled, target, billed: '2 USD', bound: '1 USD' })
  expect(lines.map(({ event, level }) => [event, level])).toEqual([
    ['budget-alert', 'warn'],
    ['budget-alert', 'warn'],
    ['budget-overrun', 'warn'],
  ])
})

test('circuits that change are told each time', () => {
  const { events, lines } = logged()
  const change = { at: 1, target: 'lab/x', from: 'closed', reason: 'isolated' } as const
  events.emit('circuit-isolated', { ...change, note: 'moves' })
  events.emit('circuit-closed', { ...change, from: 'isolated', reason: 'released' })
  events.emit('circuit-opened', { ...change, reason: 'failure-rate', openForMs: 10_000 })
  events.emit('circuit-half-opened', { ...change, from: 'open', reason: 'open-time-elapsed' })
  expect(lines).toEqual([
    { event: 'circuit-isolated', target: 'lab/x', from: 'closed', reason: 'isolated', note: 'moves', level: 'warn' },
    { event: 'circuit-closed', target: 'lab/x', from: 'isolated', reason: 'released', level: 'info' },
    {
      event: 'circuit-opened',
      target: 'lab/x',
      from: 'closed',
      reason: 'failure-rate',
      openForMs: 10_000,
      level: 'warn',
    },
    { event: 'circuit-half-opened', target: 'lab/x', from: 'open', reason: 'open-time-elapsed', level: 'info' },
  ])
})

test('a stream that another went on with is told, by its request', () => {
  const { events, lines } = logged()
  const about = { requestId: 'mine-1', chain: 'fast', target: 'b/y', attempt: 1 }
  events.emit('stream-continued', {
    at: 1,
    ...about,
    from: 'a/x',
    how: 'regenerate',
    reason: 'truncated',
    characters: 120,
  } as EventMap['stream-continued'])
  expect(lines).toEqual([
    {
      level: 'info',
      event: 'stream-continued',
      ...about,
      from: 'a/x',
      how: 'regenerate',
      reason: 'truncated',
      characters: 120,
    },
  ])
})
