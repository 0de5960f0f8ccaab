import { describe, expect, it } from 'vitest'
import type { EmbeddingRequest, EmbeddingResponse } from '../contract/embedding.ts'
import { SwitchyardError } from '../contract/errors.ts'
import type { CallContext, IAIProvider } from '../contract/provider.ts'
import type { AttemptOutcome } from '../engine/admission.ts'
import { EventHub } from '../events/event-hub.ts'
import { scriptedProvider } from '../testing/index.ts'
import { VirtualClock } from '../testing/virtual-clock.ts'
import { scene } from './chain.fixture.ts'
import { createChain } from './chain.ts'

type Embed = (request: EmbeddingRequest, context?: CallContext) => Promise<EmbeddingResponse>

function embedding(id: string, clock: VirtualClock, embed: Embed): IAIProvider {
  return Object.assign(scriptedProvider({ id, clock, script: [] }), { embed, countTokens: async () => 42 })
}

function chainOf(clock: VirtualClock, ...embeds: readonly Embed[]) {
  const targets = embeds.map((embed, index) => ({
    provider: embedding('abc'[index] as string, clock, embed),
    model: 'm',
  }))
  return createChain({ id: 'chain', clock, random: () => 0.5, targets })
}

const vectors: Embed = async request => ({ model: `x/${request.model}`, embeddings: [[1, 2]] })

describe('embeddings and token counts through a chain', () => {
  it('fail over as messages do', async () => {
    const clock = new VirtualClock()
    const dead: Embed = async () => {
      throw new SwitchyardError('authentication', 'Bad key.')
    }
    const response = await chainOf(clock, dead, vectors).embed({ input: ['hello'] })
    expect(response).toEqual({ model: 'x/m', embeddings: [[1, 2]] })
    expect(clock.pending).toBe(0)
  })

  it('end at the deadline', async () => {
    const clock = new VirtualClock()
    const silent: Embed = () => new Promise(() => undefined)
    const embedded = chainOf(clock, silent).embed({ input: ['hello'] })
    embedded.catch(() => undefined)
    await clock.runAll()
    await expect(embedded).rejects.toMatchObject({ kind: 'timeout', phase: 'total' })
  })

  it('end when the caller leaves', async () => {
    const clock = new VirtualClock()
    let seen: AbortSignal | undefined
    const silent: Embed = (_, context) => {
      seen = context?.signal
      return new Promise(() => undefined)
    }
    const controller = new AbortController()
    const embedded = chainOf(clock, silent).embed({ input: ['hello'] }, { signal: controller.signal })
    embedded.catch(() => undefined)
    await clock.advance(0)
    controller.abort()
    await expect(embedded).rejects.toMatchObject({ kind: 'aborted' })
    expect(seen?.aborted).toBe(true)
    expect(clock.pending).toBe(0)
  })

  it('survive a provider that throws where it should reject, and one that answers too late', async () => {
    const clock = new VirtualClock()
    const throwing: Embed = () => {
      throw new SwitchyardError('authentication', 'thrown')
    }
    expect(await chainOf(clock, throwing, vectors).embed({ input: ['x'] })).toMatchObject({ model: 'x/m' })
  })

  it('pass over providers that have no such call', async () => {
    const here = scene([[]])
    await expect(here.chain.embed({ input: ['x'] })).rejects.toMatchObject({ kind: 'unsupported' })
    await expect(here.chain.countTokens({ messages: [] })).rejects.toMatchObject({ kind: 'unsupported' })
  })

  it('show a failed settlement in place of the answer', async () => {
    const clock = new VirtualClock()
    const settle = () => {
      throw new SwitchyardError('unavailable', 'The ledger is full.')
    }
    const targets = [{ provider: embedding('a', clock, vectors), model: 'm' }]
    const chain = createChain({ id: 'chain', clock, targets, steps: [{ admit: () => ({ settle }) }] })
    await expect(chain.embed({ input: ['x'] })).rejects.toMatchObject({ message: 'The ledger is full.' })
  })

  it('count tokens at the first target that can, nested chains included', async () => {
    const clock = new VirtualClock()
    const inner = chainOf(clock, vectors)
    const outer = createChain({ id: 'outer', clock, targets: [{ provider: inner }] })
    expect(await outer.countTokens({ messages: [{ role: 'user', content: 'hi' }] })).toBe(42)
    expect((await outer.embed({ input: ['x'] })).model).toBe('x/m')
  })

  it('let an answer win over the timer that it raced, and tell what was used', async () => {
    const clock = new VirtualClock()
    const usage = { input: { uncached: 3, cacheRead: 0, cacheWrite: {} }, output: { text: 0, reasoning: 0 } }
    const late: Embed = () =>
      new Promise(resolve => {
        clock.timer(5_000, () => resolve({ model: 'a/m', embeddings: [[1]], usage }))
      })
    const ends: AttemptOutcome[] = []
    const steps = [{ admit: () => ({ settle: (end: AttemptOutcome) => void ends.push(end) }) }]
    const targets = [{ provider: embedding('a', clock, late), model: 'm' }]
    const chain = createChain({ id: 'chain', clock, targets, steps, timeouts: { totalMs: 5_000 } })
    const embedded = chain.embed({ input: ['hello'] })
    embedded.catch(() => undefined)
    await clock.runAll()
    expect(await embedded).toMatchObject({ embeddings: [[1]] })
    expect(ends).toMatchObject([{ type: 'completed', usage }])
  })

  it('send nothing for a caller who left while they were announced', async () => {
    const clock = new VirtualClock()
    const events = new EventHub()
    const controller = new AbortController()
    let sent = 0
    const embed: Embed = async () => {
      sent++
      return { model: 'a/m', embeddings: [] }
    }
    events.on('attempt-started', () => controller.abort())
    const targets = [{ provider: embedding('a', clock, embed), model: 'm' }]
    const chain = createChain({ id: 'chain', clock, targets, events })
    const embedded = chain.embed({ input: ['hello'] }, { signal: controller.signal })
    await expect(embedded).rejects.toMatchObject({ kind: 'aborted' })
    expect({ sent, pending: clock.pending }).toEqual({ sent: 0, pending: 0 })
  })
})
