import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { StreamKeepAlive } from './stream-keep-alive.ts'
import { hello, startTwoTargets } from './testing/two-targets.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function sent(state: { writableNeedDrain?: boolean; destroyed?: boolean } = {}) {
  const written: string[] = []
  return { written, response: { ...state, write: (text: string) => written.push(text) } as unknown as ServerResponse }
}

test('a stream that falls silent gets a comment, and one that speaks does not', () => {
  const keepAlive = new StreamKeepAlive(1_000)
  const silent = sent()
  const speaking = sent()
  keepAlive.begin(silent.response, ': ping\n\n')
  const stream = keepAlive.begin(speaking.response, ': ping\n\n')
  for (let second = 0; second < 5; second++) {
    stream.wrote()
    vi.advanceTimersByTime(1_000)
  }
  expect(silent.written).toEqual(Array.from({ length: 4 }, () => ': ping\n\n'))
  expect(speaking.written).toEqual([])
})

test('a client that reads nothing, or that has left, gets none', () => {
  const keepAlive = new StreamKeepAlive(1_000)
  const streams = [sent({ writableNeedDrain: true }), sent({ destroyed: true })]
  for (const { response } of streams) keepAlive.begin(response, ': ping\n\n')
  vi.advanceTimersByTime(10_000)
  expect(streams.map(({ written }) => written)).toEqual([[], []])
})

test('no timer runs while nothing is sent', () => {
  const keepAlive = new StreamKeepAlive(1_000)
  expect(vi.getTimerCount()).toBe(0)
  const streams = [sent(), sent()].map(({ response }) => keepAlive.begin(response, ': ping\n\n'))
  expect(vi.getTimerCount()).toBe(1)
  streams[0]?.end()
  streams[0]?.end()
  expect(vi.getTimerCount()).toBe(1)
  streams[1]?.end()
  expect(vi.getTimerCount()).toBe(0)
  keepAlive.begin(sent().response, ': ping\n\n')
  expect(vi.getTimerCount()).toBe(1)
})

test('through the gateway: a client hears of an answer that is being waited for', async () => {
  vi.useRealTimers()
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  await using pair = await startTwoTargets({ timeouts: '{ connect: 5s, firstToken: 20s, idle: 20s, total: 50s }' })
  pair.first.setFault({ type: 'stall', atEvent: 4 })
  const leaving = new AbortController()
  const response = await fetch(`${pair.gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...hello, stream: true }),
    signal: leaving.signal,
  })
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  let text = ''
  while (!text.includes(': ping\n\n')) {
    text += new TextDecoder().decode((await reader.read()).value)
    vi.advanceTimersByTime(10_000)
  }
  expect(text).toMatch(/^data: \{.*\}\n\n(.*\n\n)*: ping\n\n/)
  leaving.abort()
  await pair.first.waitForClose(0)
})
