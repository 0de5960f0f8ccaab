import { describe, expect, it } from 'vitest'
import type { MessageChunk } from '../contract/chunk.ts'
import type { ScriptedStep } from '../testing/scripted-source.ts'
import { answers, ask, outcome, scene, streams, whole } from './chain.fixture.ts'

const once = { retry: { attempts: 1 } }
const begin: MessageChunk[] = [
  { type: 'start', model: 'a/m' },
  { type: 'text-start', id: 0 },
]
const end: MessageChunk[] = [
  { type: 'text-end', id: 0, complete: true },
  { type: 'finish', reason: 'stop' },
]
const piece = (text: string): MessageChunk[] => [{ type: 'text-delta', id: 0, text }]

/** So many pieces, each after so long. */
function drip(pieces: number, everyMs: number, chunks: (at: number) => MessageChunk[] = () => piece('x')) {
  const steps: ScriptedStep[] = Array.from({ length: pieces }, (_, at) => [{ waitMs: everyMs }, chunks(at)]).flat()
  return streams(begin, ...steps, end)
}

const texts = (response: { readonly content: readonly { readonly type: string }[] }) =>
  response.content.map(part => ('text' in part ? part.text : '')).join('')

describe('an answer that only drips', () => {
  it('is given up while nobody sees it, and another target answers', async () => {
    const here = scene([[drip(24, 5_000)], [answers('Hello', 'b/m')]], once)
    const start = here.clock.monotonic()
    const response = await whole(here)
    expect(texts(response)).toBe('Hello')
    expect(response.failedAttempts).toMatchObject([
      { kind: 'timeout', phase: 'throughput', message: 'a/m answered too slowly to go on waiting for it.' },
    ])
    // twice the silence that is allowed, from the first token
    expect((here.providers[1]?.calls[0]?.startedAt as number) - start).toBe(30_000)
    expect(here.providers[0]?.open).toBe(0)
    expect(here.clock.pending).toBe(0)
  })

  it('is given up while it only thinks aloud', async () => {
    const thinking = streams(
      [
        { type: 'start', model: 'a/m' },
        { type: 'reasoning-start', id: 0, origin: 'x' },
      ],
      ...Array.from({ length: 9 }, (): ScriptedStep[] => [
        { waitMs: 6_000 },
        [{ type: 'reasoning-delta', id: 0, text: 'hm' }],
      ]).flat(),
    )
    const here = scene([[thinking], [answers('Hello', 'b/m')]], once)
    const { chunks, text } = await outcome(here)
    expect(text).toBe('Hello')
    expect(chunks[0]).toMatchObject({ failedAttempts: [{ phase: 'throughput' }] })
  })

  it('counts against its model', async () => {
    const here = scene([() => drip(24, 5_000), () => answers('Hello', 'b/m')], {
      ...once,
      circuitBreaker: { minimumCalls: 2 },
    })
    await whole(here)
    await whole(here)
    expect(here.seen.find(({ name }) => name === 'circuit-opened')?.event).toMatchObject({ target: 'a/m' })
  })

  it('goes on where somebody sees it come', async () => {
    const here = scene([[drip(20, 5_000)], [answers('Hello', 'b/m')]], once)
    const { text, error } = await outcome(here)
    expect(error).toBeUndefined()
    expect(text).toBe('x'.repeat(20))
  })

  it('may take its time where that is said, and less where that is said', async () => {
    const patient = scene([[drip(20, 5_000)]], { ...once, timeouts: { minThroughput: 0 } })
    expect(texts(await whole(patient))).toBe('x'.repeat(20))
    const quick = () => drip(60, 1_000, () => piece('four'))
    expect(texts(await whole(scene([[quick()], [answers('Hello', 'b/m')]], once)))).toBe('four'.repeat(60))
    const impatient = scene([[quick()], [answers('Hello', 'b/m')]], {
      ...once,
      target: index => (index === 0 ? { timeouts: { minThroughput: 5 } } : {}),
    })
    expect(texts(await whole(impatient))).toBe('Hello')
  })

  it('is none where the provider says that it is at work', async () => {
    const here = scene([[drip(20, 5_000, at => (at % 5 === 0 ? piece('x') : [{ type: 'ping' }]))]], once)
    expect(texts(await whole(here))).toBe('xxxx')
  })

  it('is none after one long silence', async () => {
    const here = scene([
      [streams(begin, { waitMs: 14_000 }, piece('x'), { waitMs: 14_000 }, piece('word '.repeat(20)), end)],
    ])
    expect(texts(await whole(here))).toHaveLength(101)
  })

  it('must be asked for in numbers', () => {
    for (const minThroughput of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => scene([[]], { timeouts: { minThroughput } })).toThrow('must be characters per second from 0')
    }
  })

  it('ends one that began well as soon as it has become one', async () => {
    const steps: ScriptedStep[] = Array.from({ length: 40 }, (_, at): ScriptedStep[] =>
      at < 20 ? [{ waitMs: 1_000 }, piece('words ')] : [{ waitMs: 10_000 }, piece('x')],
    ).flat()
    const here = scene([[streams(begin, ...steps, end)], [answers('Hello', 'b/m')]], once)
    const start = here.clock.monotonic()
    expect(texts(await whole(here, { ...ask, stream: false }))).toBe('Hello')
    expect((here.providers[1]?.calls[0]?.startedAt as number) - start).toBe(60_000)
  })
})
