import { describe, expect, it } from 'vitest'
import { SwitchyardError } from '../contract/errors.ts'
import { scriptedProvider } from '../testing/index.ts'
import {
  answers,
  ask,
  askWhole,
  fails,
  opening,
  outcome,
  type Scene,
  type Script,
  scene,
  streams,
} from './chain.fixture.ts'
import { createChain } from './chain.ts'

/** An outer chain over an inner one of `inner`, and then `last`. */
function nest(
  inner: readonly Script[],
  last: Script,
  outer = {},
): { here: Scene; chain: Scene['chain']; lastCalls: () => number } {
  const here = scene(inner, { id: 'inner' })
  const provider = scriptedProvider({ id: 'z', clock: here.clock, script: last })
  const { clock, events } = here
  const targets = [{ provider: here.chain }, { provider, model: 'm' }]
  const chain = createChain({ id: 'outer', clock, events, random: () => 0.5, ...outer, targets })
  return { here, chain, lastCalls: () => provider.calls.length }
}

describe('a chain in a chain', () => {
  it('answers like any provider', async () => {
    const { here, chain } = nest([[answers('inner')]], [answers('last', 'z/m')])
    const { text, chunks } = await outcome({ chain, clock: here.clock })
    expect(text).toBe('inner')
    expect(chunks.at(-1)).toMatchObject({ billed: [{ target: 'a/m' }] })
  })

  it('makes a whole answer again where a target of its own breaks off, whatever words the next one uses', async () => {
    const cut = streams(opening, { error: new SwitchyardError('truncated', 'It broke off.') })
    const { here, chain, lastCalls } = nest([() => cut, [answers('Good day')]], () => answers('last', 'z/m'))
    const { text } = await outcome({ chain, clock: here.clock }, askWhole)
    expect(text).toBe('Good day')
    expect(lastCalls()).toBe(0)
  })

  it('is watched for silence where that is asked for, in whole answers too', async () => {
    const here = scene([[{ type: 'silence' }, answers('Hello')]], { id: 'inner' })
    const targets = [{ provider: here.chain, timeouts: { firstTokenMs: 1_000 } }]
    const chain = createChain({ id: 'outer', clock: here.clock, random: () => 0.5, targets })
    const askedAt = here.clock.monotonic()
    const { text } = await outcome({ chain, clock: here.clock }, askWhole)
    expect(text).toBe('Hello')
    expect(here.clock.monotonic() - askedAt).toBeLessThan(5_000)
  })

  it('is not asked again when it is exhausted', async () => {
    const { here, chain } = nest([() => fails('authentication')], [answers('last', 'z/m')])
    const { chunks } = await outcome({ chain, clock: here.clock })
    expect(here.providers[0]?.calls).toHaveLength(1)
    expect(chunks[0]).toMatchObject({ model: 'z/m', failedAttempts: [{ target: 'a/m', kind: 'authentication' }] })
  })

  it('is asked again where the outer one has lost its patience, and nobody else is left', async () => {
    const here = scene([[{ type: 'silence' }, answers('Hello')]], { id: 'inner' })
    const targets = [{ provider: here.chain, timeouts: { firstTokenMs: 1_000 } }]
    const chain = createChain({ id: 'outer', clock: here.clock, random: () => 0.5, targets })
    expect((await outcome({ chain, clock: here.clock })).text).toBe('Hello')
    expect(here.providers[0]?.calls).toHaveLength(2)
  })

  it('draws from the attempts of the whole request', async () => {
    const { here, chain } = nest([() => fails('network')], () => fails('network'))
    expect(chain.attemptBound).toBe(6)
    const context = { attempts: { left: 4, lastResort: true } }
    await outcome({ chain, clock: here.clock }, ask, context)
    expect(here.providers[0]?.calls).toHaveLength(3)
    expect(context.attempts.left).toBe(0)
  })

  it('does not probe its open targets while the outer chain has others', async () => {
    const { here, chain, lastCalls } = nest([() => fails('network')], () => answers('last', 'z/m'))
    for (let call = 0; call < 20; call++) await outcome({ chain, clock: here.clock })
    expect(here.providers[0]?.calls).toHaveLength(10)
    expect(lastCalls()).toBe(20)
  })

  it('is not probed as a later target either, while another comes after it', async () => {
    const here = scene([() => fails('network')], { id: 'inner', circuitBreaker: { minimumCalls: 1 } })
    const { clock } = here
    const first = scriptedProvider({ id: 'y', clock, script: () => fails('context-length') })
    const last = scriptedProvider({ id: 'z', clock, script: () => fails('context-length') })
    const refuses = { admit: () => Promise.reject(new SwitchyardError('rate-limit', 'Too much.')) }
    const full = createChain({ id: 'full', clock, targets: [{ provider: first, model: 'm' }], steps: [refuses] })
    const targets = [{ provider: full }, { provider: here.chain }, { provider: last, model: 'm' }]
    const chain = createChain({ id: 'outer', clock, targets })
    for (let call = 0; call < 3; call++) await outcome({ chain, clock })
    expect(here.providers[0]?.calls).toHaveLength(1)
    expect(last.calls).toHaveLength(3)
  })

  it('is probed when the outer chain has nothing left', async () => {
    let dead = true
    const { here, chain } = nest([() => (dead ? fails('network') : answers('inner'))], () => fails('network'))
    for (let call = 0; call < 20; call++) await outcome({ chain, clock: here.clock })
    dead = false
    expect((await outcome({ chain, clock: here.clock })).text).toBe('inner')
  })

  it('inherits the deadline', async () => {
    const { here, chain } = nest([() => ({ type: 'silence' })], () => ({ type: 'silence' }), {
      timeouts: { totalMs: 5_000 },
    })
    const start = here.clock.monotonic()
    const { error } = await outcome({ chain, clock: here.clock })
    expect(error).toMatchObject({ kind: 'timeout', phase: 'total' })
    expect(here.clock.monotonic() - start).toBe(5_000)
    expect(here.providers[0]?.open).toBe(0)
  })

  it('tells each attempt once, of a request that nobody can answer', async () => {
    const { here, chain } = nest([() => fails('network'), () => fails('invalid-request')], [answers('no')], {})
    const { error } = await outcome({ chain, clock: here.clock })
    expect(error).toMatchObject({ kind: 'invalid-request', provider: 'b' })
    expect(error?.attempts.map(({ target }) => target)).toEqual(['a/m', 'a/m', 'a/m', 'b/m'])
  })

  it('takes no model as a target', () => {
    const inner = scene([[answers('inner')]], { id: 'inner' }).chain
    expect(() => createChain({ id: 'outer', targets: [{ provider: inner, model: 'x' }] })).toThrow('takes no model')
  })
})

describe('a chain that makes no sense', () => {
  it('is refused, naming the place', () => {
    const provider = scene([[]]).providers[0] as Scene['providers'][number]
    expect(() => createChain({ id: 'a/b', targets: [{ provider, model: 'm' }] })).toThrow(
      'must not be empty or contain "/"',
    )
    expect(() => createChain({ id: '', targets: [{ provider, model: 'm' }] })).toThrow('must not be empty')
    expect(() => createChain({ id: 'c', targets: [] })).toThrow('The chain "c" has no targets.')
    expect(() => createChain({ id: 'c', targets: [{ provider }] })).toThrow('Target 1 of the chain "c" names no model.')
  })

  it('is refused for limits that are none, and what is undefined says nothing', () => {
    const provider = scene([[]]).providers[0] as Scene['providers'][number]
    const targets = [{ provider, model: 'm' }]
    const chain = (options: object) => () => createChain({ id: 'c', targets, ...options })
    expect(chain({ timeouts: { idleMs: 0 } })).toThrow(
      'The idleMs of the chain "c" must be milliseconds above 0, not 0.',
    )
    expect(chain({ targets: [{ ...targets[0], timeouts: { firstTokenMs: Number.NaN } }] })).toThrow(
      'The firstTokenMs of target 1 of the chain "c" must be milliseconds above 0, not NaN.',
    )
    expect(chain({ retry: { baseDelayMs: -1 } })).toThrow('must be milliseconds from 0, not -1.')
    expect(chain({ retry: { attempts: 0 } })).toThrow('must be a whole number of at least 1, not 0.')
    expect(chain({ retry: { attempts: undefined }, timeouts: { totalMs: undefined } })).not.toThrow()
  })

  it('works on the machine clock when none is given', async () => {
    const provider = scene([[]]).providers[0] as Scene['providers'][number]
    const chain = createChain({ id: 'c', targets: [{ provider, model: 'm' }] })
    await expect(chain.sendMessage(ask)).rejects.toMatchObject({ kind: 'invalid-request' })
  })
})
