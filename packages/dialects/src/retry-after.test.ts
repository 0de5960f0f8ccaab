import { describe, expect, test } from 'vitest'
import { parseDurationMs } from './duration.ts'
import { exhaustedLimitMs, rateLimits } from './rate-limit-headers.ts'
import { retryAfterMs } from './retry-after.ts'

const now = Date.UTC(2026, 10, 20, 12, 0, 0)

describe('retryAfterMs', () => {
  test.each<[Record<string, string>, number | undefined]>([
    [{ 'retry-after-ms': '6570.2', 'retry-after': '7' }, 6571],
    [{ 'retry-after-ms': 'soon', 'retry-after': '7' }, 7000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': '1m30s' }, 90_000],
    [{ 'retry-after': 'Fri, 20 Nov 2026 12:00:05 GMT' }, 5000],
    [{ 'retry-after': 'Fri, 20 Nov 2026 11:00:00 GMT' }, 0],
    [{ 'retry-after': 'later' }, undefined],
    [{ 'retry-after': '-3' }, undefined],
    [{}, undefined],
  ])('%j asks to wait %s ms', (headers, wait) => {
    expect(retryAfterMs(new Headers(headers), now)).toBe(wait)
  })

  test('a date counts from the Date of the answer where no clock is given, else it says nothing', () => {
    const headers = { 'retry-after': 'Fri, 20 Nov 2026 12:00:05 GMT', date: 'Fri, 20 Nov 2026 12:00:02 GMT' }
    expect(retryAfterMs(new Headers(headers))).toBe(3000)
    expect(retryAfterMs(new Headers({ 'retry-after': headers['retry-after'] }))).toBeUndefined()
  })
})

test.each<[string, number | undefined]>([
  ['6m0s', 360_000],
  ['120ms', 120],
  ['1m26.4s', 86_400],
  ['1h2m', 3_720_000],
  ['2d', 172_800_000],
  ['6.57s', 6570],
  ['1.5', 1500],
  ['', undefined],
  ['soon', undefined],
  ['5x', undefined],
])('the duration %j is %s ms', (text, ms) => {
  expect(parseDurationMs(text)).toBe(ms)
})

describe('rateLimits', () => {
  test('reads what is left of each limit, and leaves out what is not said', () => {
    const headers = new Headers({
      'x-ratelimit-limit-requests': '500',
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '120ms',
      'x-ratelimit-remaining-tokens': '-1',
    })
    expect(rateLimits(headers)).toEqual({ requests: { limit: 500, remaining: 0, resetMs: 120, windowMs: 60_000 } })
    expect(exhaustedLimitMs(headers)).toBe(120)
  })

  test.each([
    ['a minute', '60', '59', '1s', 60_000],
    ['a minute, nearly used up', '500', '3', '59.6s', 60_000],
    ['a day', '200', '199', '7m12s', 86_400_000],
    ['a day, used up', '200', '0', '23h59m', 86_400_000],
    ['nobody knows what, where nothing is used', '200', '200', '0s', undefined],
  ])('sees that requests are counted over %s', (_, limit, remaining, reset, windowMs) => {
    const headers = new Headers({
      'x-ratelimit-limit-requests': limit,
      'x-ratelimit-remaining-requests': remaining,
      'x-ratelimit-reset-requests': reset,
      'x-ratelimit-remaining-tokens': '9',
    })
    expect(rateLimits(headers).requests?.windowMs).toBe(windowMs)
    expect(rateLimits(headers).tokens).toEqual({ remaining: 9, windowMs: 60_000 })
  })

  test('waits for the last of the limits that are used up', () => {
    const headers = new Headers({
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '1s',
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-reset-tokens': '6m0s',
    })
    expect(exhaustedLimitMs(headers)).toBe(360_000)
    expect(exhaustedLimitMs(new Headers({ 'x-ratelimit-reset-tokens': '5s' }))).toBeUndefined()
    expect(exhaustedLimitMs(new Headers({ 'x-ratelimit-remaining-tokens': '0' }))).toBeUndefined()
  })
})
