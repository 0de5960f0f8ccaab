import { describe, expect, it } from 'vitest'
import type { MessageChunk } from '../contract/chunk.ts'
import { SwitchyardError } from '../contract/errors.ts'
import { type ScriptedAnswer, textAnswer } from '../testing/index.ts'
import { answers, ask, type Outcome, outcome, read, type Scene, scene, streams, whole } from './chain.fixture.ts'

const reset = new SwitchyardError('network', 'The connection was reset.')
const once = { retry: { attempts: 1 } } as const

const start: MessageChunk = { type: 'start', model: 'a/m' }
const words = (text: string): MessageChunk[] => [
  { type: 'text-start', id: 0 },
  { type: 'text-delta', id: 0, text },
]
const call: MessageChunk = { type: 'tool-call-start', id: 1, callId: 'call_1', name: 'search' }
const called: MessageChunk = { type: 'tool-call-end', id: 1, complete: true, input: {} }
const ends: MessageChunk[] = [
  { type: 'text-end', id: 0, complete: true },
  { type: 'finish', reason: 'tool-calls' },
]
const model = { model: 'b/m' }

/** When each kind of chunk came, on the clock. */
async function timeline({ chain, clock }: Pick<Scene, 'chain' | 'clock'>): Promise<[number, string][]> {
  const seen: [number, string][] = []
  const began = clock.monotonic()
  const reading = (async () => {
    for await (const chunk of await chain.sendMessage(ask)) seen.push([clock.monotonic() - began, chunk.type])
  })()
  await clock.advance(60_000)
  await reading
  return seen
}

describe('text that is held back', () => {
  it('is not shown, and its attempt has cost nothing, where that dies within the time', async () => {
    const dying = streams([start, ...words('Hello, ')], { waitMs: 400 }, { error: reset })
    const here = scene([[dying], [answers('Other words.', 'b/m')]], { ...once, holdBack: { textMs: 500 } })
    const seen = await outcome(here)
    expect(seen).toMatchObject({ text: 'Other words.' })
    expect(seen.chunks[0]).toMatchObject({ model: 'b/m', failedAttempts: [{ target: 'a/m' }] })
    expect(here.seen.map(({ name }) => name)).not.toContain('stream-continued')
  })

  it('is shown when the time has passed since its first piece, and from then on at once', async () => {
    const slow = streams(
      [start],
      { waitMs: 100 },
      words('Hello'),
      { waitMs: 300 },
      [{ type: 'text-delta', id: 0, text: ', ' }],
      { waitMs: 700 },
      [{ type: 'text-delta', id: 0, text: 'you.' }],
      ends,
    )
    expect(await timeline(scene([[slow]], { holdBack: { textMs: 500 } }))).toEqual([
      [600, 'start'],
      [600, 'text-start'],
      [600, 'text-delta'],
      [600, 'text-delta'],
      [1100, 'text-delta'],
      [1100, 'text-end'],
      [1100, 'finish'],
    ])
  })

  it('is shown with the end of its answer', async () => {
    const here = scene([[answers('Hello')]], { holdBack: { textMs: 500 } })
    expect((await timeline(here)).at(-1)).toEqual([0, 'finish'])
    expect(here.clock.pending).toBe(0)
  })

  it('does not read on for a consumer who has not asked for more since', async () => {
    const pieces = Array.from({ length: 40 }, (_, at) => [
      { waitMs: 100 },
      at === 0 ? [start, ...words('0')] : [{ type: 'text-delta' as const, id: 0, text: `${at}` }],
    ]).flat()
    const here = scene([[streams(...pieces, ends)]], { holdBack: { textMs: 500 }, timeouts: { consumerIdleMs: 9_000 } })
    const sending = here.chain.sendMessage(ask)
    await here.clock.advance(5_000)
    const stream = await sending
    const reading = read({ sendMessage: async () => stream } as unknown as Scene['chain'], ask)
    await here.clock.advance(20_000)
    const { text, error } = await reading
    expect(error).toBeUndefined()
    expect(text).toBe(pieces.map((_, at) => (at % 2 === 0 ? at / 2 : '')).join(''))
    const asleep = scene([[streams(...pieces, ends)]], {
      holdBack: { textMs: 500 },
      timeouts: { consumerIdleMs: 1_000 },
    })
    const unread = asleep.chain.sendMessage(ask)
    await asleep.clock.advance(2_500)
    expect(asleep.providers[0]?.open).toBe(0)
    await (await unread).cancel()
  })

  it('leaves the answer to the next target when its own falls silent', async () => {
    const here = scene([[streams([start, ...words('Hel')], 'stall')], [answers('Hello', 'b/m')]], {
      ...once,
      holdBack: { textMs: 60_000 },
    })
    expect((await outcome(here)).chunks[0]).toMatchObject({
      failedAttempts: [{ target: 'a/m', kind: 'timeout', phase: 'idle' }],
    })
  })

  it('ends at once for a caller who leaves', async () => {
    const here = scene([[streams([start, ...words('Hel')], 'stall')]], { holdBack: { textMs: 60_000 } })
    const controller = new AbortController()
    const reading = read(here.chain, ask, { signal: controller.signal })
    await here.clock.advance(10)
    controller.abort()
    expect(await reading).toMatchObject({ refused: true, error: { kind: 'aborted' } })
    expect(here.clock.pending).toBe(0)
    expect(here.providers[0]?.open).toBe(0)
  })
})

it('takes no time that is none', () => {
  for (const holdBack of [{ textMs: -1 }, { toolCallMs: Number.NaN }]) {
    const name = Object.keys(holdBack)[0]
    expect(() => scene([[]], { holdBack })).toThrow(`The ${name} of the chain "chain" must be milliseconds from 0`)
  }
})

describe('tool calls that are held back', () => {
  const dying = (): ScriptedAnswer =>
    streams([start, ...words('I look. ')], { waitMs: 100 }, [call], { waitMs: 1_000 }, { error: reset })

  it('are not shown where their attempt dies within two seconds, and its text is gone on with', async () => {
    const whole = streams([start, ...words('I look. '), { ...call, callId: 'call_2' }, called, ...ends])
    const here = scene([[dying()], [whole]], { ...once, holdBack: {} })
    const seen = await outcome(here)
    expect(seen.text).toBe('I look. ')
    expect(seen.chunks.filter(({ type }) => type === 'tool-call-start')).toMatchObject([{ callId: 'call_2' }])
    expect(seen.chunks.at(-1)).toMatchObject({ reason: 'tool-calls' })
  })

  it('are shown in the error where nobody goes on, only as far as they were shown', async () => {
    const here = scene([[dying()], [answers('No.', 'b/m')]], { ...once, holdBack: {} })
    const { error } = await outcome(here)
    expect(error?.partial?.content).toEqual([{ type: 'text', text: 'I look. ', complete: false }])
  })

  it('are shown when their time has passed, and with the end of the answer', async () => {
    const slow = streams([start, ...words('I look. ')], [call], { waitMs: 2_500 }, [called, ...ends])
    const types = (await timeline(scene([[slow]], { holdBack: {} }))).map(([at, type]) => `${type} ${at}`)
    expect(types).toContain('text-delta 0')
    expect(types).toContain('tool-call-start 2000')
    expect(types).toContain('tool-call-end 2500')
    const quick = streams([start, call], { waitMs: 50 }, [called, ends[1] as MessageChunk])
    const early = (await timeline(scene([[quick]], { holdBack: {} }))).map(([at, type]) => `${type} ${at}`)
    expect(early).toContain('tool-call-start 50')
  })

  it('let a consumer who waits hear that somebody is at work', async () => {
    const slow = streams([start, ...words('I look. ')], [call], { waitMs: 12_000 }, [called, ...ends])
    const here = scene([[slow]], { holdBack: { toolCallMs: 30_000 } })
    expect((await timeline(here)).filter(([, type]) => type === 'ping')).toEqual([
      [5_000, 'ping'],
      [10_000, 'ping'],
    ])
    expect(here.clock.pending).toBe(0)
  })

  it('are not held where nobody asked for it', async () => {
    const slow = streams([start, call], { waitMs: 2_500 }, [called, ends[1] as MessageChunk])
    const types = (await timeline(scene([[slow]]))).map(([at, type]) => `${type} ${at}`)
    expect(types).toContain('tool-call-start 0')
  })

  it('that are the first of an answer leave it free to be made again', async () => {
    const first = streams([start, call], { waitMs: 1_000 }, { error: reset })
    const here = scene([[first], [streams(textAnswer('No tool.', model))]], { ...once, holdBack: {} })
    expect(await outcome(here)).toMatchObject({ text: 'No tool.' })
  })

  it('whose arguments come broken are asked for again, as long as nobody has seen them', async () => {
    const invalid = { text: '{"a": "b', reason: 'it does not parse' }
    const end: MessageChunk = { type: 'tool-call-end', id: 1, complete: true, invalid }
    const broken = (): ScriptedAnswer => streams([start, ...words('I look. '), call], { waitMs: 10 }, [end, ...ends])
    const good = (): ScriptedAnswer => streams([start, ...words('I look. '), call, called, ...ends])
    const calls = ({ chunks }: Outcome): unknown[] => chunks.filter(({ type }) => type === 'tool-call-end')
    expect(calls(await outcome(scene([[broken(), good()]], { holdBack: {} })))).toEqual([called])
    expect(calls(await outcome(scene([[broken()], [good()]], { ...once, holdBack: {} })))).toEqual([called])
    const asked = scene([[broken(), good()]], { holdBack: {} })
    expect((await whole(asked)).content).toMatchObject([{ type: 'text' }, { type: 'tool-call', input: {} }])
    // where nobody is left to be asked, the call is shown as it is
    expect(calls(await outcome(scene([[broken()]], { ...once, holdBack: {} })))).toEqual([end])
    const cut = streams([start, call, end, { type: 'finish', reason: 'length' }])
    expect(calls(await outcome(scene([[cut, good()]], { holdBack: {} })))).toEqual([end])
    expect(calls(await outcome(scene([[broken(), good()]])))).toEqual([end])
    expect(calls(await outcome(scene([[broken(), good()]], { holdBack: { toolCallMs: 5 } })))).toEqual([end])
  })
})
