import { describe, expect, it } from 'vitest'
import { systemClock } from '../clock/system-clock.ts'
import type { MessageChunk } from '../contract/chunk.ts'
import { abortedError, SwitchyardError } from '../contract/errors.ts'
import type { IAIProvider } from '../contract/provider.ts'
import { type ChunkSource, type MessageStream, messageStream } from '../contract/stream.ts'
import { scriptedProvider } from '../testing/index.ts'
import { VirtualClock } from '../testing/virtual-clock.ts'
import {
  answers,
  ask,
  askWhole,
  ending,
  opening,
  outcome,
  read,
  type Scene,
  scene,
  streams,
  whole,
} from './chain.fixture.ts'
import { createChain } from './chain.ts'

/** A chain of a provider of a third party's making, named x, and a good one, named b. */
function behind(odd: Partial<IAIProvider>, steps = {}): Pick<Scene, 'chain' | 'clock'> {
  const clock = new VirtualClock()
  const good = scriptedProvider({ id: 'b', clock, script: () => answers('Hello', 'b/m') })
  const provider: IAIProvider = Object.assign(scriptedProvider({ id: 'x', clock, script: [] }), odd)
  const targets = [
    { provider, model: 'm' },
    { provider: good, model: 'm' },
  ]
  return {
    clock,
    chain: createChain({ id: 'chain', clock, random: () => 0.5, retry: { attempts: 1 }, targets, ...steps }),
  }
}

const stream = (odd: Partial<MessageStream>): MessageStream =>
  Object.assign(messageStream({ read: async () => [...opening, ...ending], cancel: () => undefined }), odd)

describe('a provider that ends a call which nobody asked it to end', () => {
  it('is passed by for the next target, without being asked again', async () => {
    const here = scene([() => streams(opening.slice(0, 1), 'stall'), () => answers('Hello', 'b/m')])
    const asking = read(here.chain, ask)
    await here.clock.advance(0)
    await here.providers[0]?.dispose()
    await here.clock.runAll()
    const { text, chunks } = await asking
    expect(text).toBe('Hello')
    const message = 'a/m ended the call by itself: a is disposed.'
    expect(chunks[0]).toMatchObject({ failedAttempts: [{ target: 'a/m', kind: 'unavailable', message }] })
    expect((await outcome(here)).text).toBe('Hello')
    expect(here.providers[0]?.calls).toHaveLength(1)
  })

  it('has failed when the answer had begun', async () => {
    const here = scene([[streams(opening, 'stall')], [answers('no')]], { midStream: 'fail' })
    const asking = read(here.chain, ask)
    await here.clock.advance(0)
    await here.providers[0]?.dispose()
    await here.clock.runAll()
    expect(await asking).toMatchObject({ text: 'Hel', error: { kind: 'unavailable', provider: 'a' } })
  })

  it('is passed by where it counts tokens as well', async () => {
    const here = behind({ countTokens: () => Promise.reject(abortedError()) })
    const counting = here.chain.countTokens(ask)
    counting.catch(() => undefined)
    await here.clock.runAll()
    await expect(counting).rejects.toMatchObject({
      kind: 'exhausted',
      attempts: [{ target: 'b/m' }, { target: 'x/m', kind: 'unavailable' }],
    })
  })

  it('is passed by as a nested chain that was disposed', async () => {
    const inner = scene([() => streams(opening.slice(0, 1), 'stall')], { id: 'inner' })
    const last = scriptedProvider({ id: 'z', clock: inner.clock, script: () => answers('Hello', 'z/m') })
    const targets = [{ provider: inner.chain }, { provider: last, model: 'm' }]
    const chain = createChain({ id: 'outer', clock: inner.clock, targets })
    const asking = read(chain, ask)
    await inner.clock.advance(0)
    await inner.chain.dispose()
    await inner.clock.runAll()
    expect((await asking).text).toBe('Hello')
  })
})

describe('a provider that breaks its contract', () => {
  const nothing = undefined as unknown as MessageStream
  const broken: Record<string, Partial<IAIProvider>> = {
    'throws from sendMessage': {
      sendMessage: () => {
        throw new TypeError('no')
      },
    },
    'returns no promise': { sendMessage: () => nothing as never },
    'resolves with nothing': { sendMessage: async () => nothing },
    'has a stream without batches': {
      sendMessage: async () =>
        stream({
          batches: () => {
            throw new TypeError('no')
          },
        }),
    },
    'has an iterator that throws': {
      sendMessage: async () =>
        stream({
          batches: () =>
            ({
              next: () => {
                throw new TypeError('no')
              },
            }) as never,
        }),
    },
    'reads what is no batch': {
      sendMessage: async () => messageStream({ read: async () => 7 as never, cancel: () => undefined }),
    },
    'throws from its capabilities': {
      getCapabilities: () => {
        throw new TypeError('no')
      },
    },
  }

  it.each(Object.entries(broken))('and %s fails like any other', async (_, odd) => {
    const settled: string[] = []
    const steps = [{ admit: () => ({ settle: (end: { type: string }) => void settled.push(end.type) }) }]
    const here = behind(odd, { steps })
    const { text, chunks } = await outcome(here)
    expect(text).toBe('Hello')
    expect(chunks[0]).toMatchObject({ failedAttempts: [{ target: 'x/m', kind: 'protocol' }] })
    expect(settled.at(-1)).toBe('completed')
    expect(here.clock.pending).toBe(0)
  })

  it('is asked for its capabilities once, before anything is admitted', async () => {
    let asked = 0
    const known = scriptedProvider({ id: 'y', clock: new VirtualClock(), script: [] }).getCapabilities('m')
    const getCapabilities = () => {
      if (asked++ > 0) throw new TypeError('no')
      return known
    }
    const answer = () => Promise.resolve(stream({}))
    const { error } = await outcome(behind({ getCapabilities, sendMessage: answer }))
    expect(error).toBeUndefined()
  })

  it('can neither hold a call nor break it by how it is cancelled', async () => {
    const cancels: MessageStream['cancel'][] = [
      () => new Promise(() => undefined),
      () => Promise.reject(new Error('no')),
      () => {
        throw new Error('no')
      },
      () => undefined as never,
    ]
    for (const cancel of cancels) {
      const never = () => ({ next: () => new Promise<never>(() => undefined) }) as never
      const here = behind({ sendMessage: async () => stream({ cancel, batches: never }) })
      const seen = await outcome(here)
      expect(seen.text).toBe('Hello')
      expect(here.clock.pending).toBe(0)
      await here.chain.dispose()
    }
  })

  it('and sends more after the end of its answer is not believed, and the text is there once', async () => {
    const finish: MessageChunk = { type: 'finish', reason: 'stop' }
    for (const more of [{ type: 'ping' }, finish] as const) {
      const odd = streams(opening, [...ending, more])
      const here = scene([[odd], [answers('Hello', 'b/m')]], { retry: { attempts: 1 } })
      const { text, chunks, error } = await outcome(here)
      expect([text, error]).toEqual(['Hello', undefined])
      expect(chunks.filter(({ type }) => type === 'finish')).toHaveLength(1)
      expect(chunks.at(-1)).toMatchObject({ billed: [{ target: 'a/m' }, { target: 'b/m' }] })
    }
  })

  it('and sends what is no chunk fails like any other in the middle of its answer', async () => {
    for (const odd of [null, undefined, 7, { type: 'text-delta', id: 0, text: 'l', extra: { x: null } }]) {
      const here = scene(
        [[streams(opening, [odd as never], { error: new SwitchyardError('network', 'Reset.') })], [answers('no')]],
        { retry: { attempts: 1 } },
      )
      const reading = here.chain.sendMessage(ask).then(async stream => {
        for await (const _ of stream.batches());
      })
      reading.catch(() => undefined)
      await here.clock.runAll()
      await expect(reading).rejects.toMatchObject({
        kind: 'exhausted',
        attempts: [{ target: 'a/m' }, { target: 'b/m' }],
      })
      expect(here.clock.pending).toBe(0)
    }
  })

  it('and has nothing to say, at once and forever, lets others run and is given up', async () => {
    for (const [first, phase] of [
      [[], 'first-token'],
      [[opening], 'idle'],
    ] as const) {
      let reads = 0
      const source = (): ChunkSource => ({
        read: async () => {
          if (reads++ > 100_000) throw new Error('Nobody else runs.')
          return first[reads - 1] ?? []
        },
        cancel: () => undefined,
      })
      const provider = Object.assign(scriptedProvider({ id: 'x', clock: systemClock, script: [] }), {
        sendMessage: async () => messageStream(source()),
      })
      const timeouts = { firstTokenMs: 10, idleMs: 10 }
      const chain = createChain({ id: 'chain', targets: [{ provider, model: 'm', retry: { attempts: 1 } }], timeouts })
      const { error } = await read(chain, ask)
      expect(error?.attempts).toMatchObject([{ kind: 'timeout', phase }])
      expect(reads).toBeGreaterThan(first.length)
    }
  })

  it('says what had arrived of an answer with blocks that were never begun', async () => {
    const delta = { type: 'text-delta', id: 9, text: 'lost' } as const
    const error = new SwitchyardError('network', 'The connection was reset.')
    const here = scene([[streams(opening, [delta], { error })]])
    const seen = await outcome(here)
    expect(seen.error).toMatchObject({ kind: 'network', partial: { content: [{ text: 'Hel' }] } })
  })

  it('is passed by for a whole answer with blocks that were never begun', async () => {
    const bad = streams([
      { type: 'start', model: 'a/m' },
      { type: 'text-delta', id: 9, text: 'lost' },
      { type: 'finish', reason: 'stop' },
    ])
    const here = scene([[bad], [answers('Hello', 'b/m')]], { retry: { attempts: 1 } })
    expect(await whole(here, askWhole)).toMatchObject({ model: 'b/m', failedAttempts: [{ kind: 'protocol' }] })
  })
})
