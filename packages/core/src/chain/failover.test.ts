import { describe, expect, it } from 'vitest'
import type { ErrorKind } from '../contract/error-table.ts'
import { SwitchyardError } from '../contract/errors.ts'
import { GrammarChecker } from '../grammar/grammar-checker.ts'
import { answers, ask, ending, fails, opening, outcome, scene, streams, whole } from './chain.fixture.ts'

const movesOn: readonly ErrorKind[] = [
  'timeout',
  'rate-limit',
  'quota',
  'overloaded',
  'unavailable',
  'network',
  'truncated',
  'protocol',
  'authentication',
  'permission',
  'not-found',
  'context-length',
  'unsupported',
  'circuit-open',
  'budget-exceeded',
  'exhausted',
]

describe('failover before anything visible', () => {
  it.each(movesOn)('goes to the next target after %s', async kind => {
    const here = scene([() => fails(kind), [answers('Hello', 'b/m')]], { retry: { attempts: 1 } })
    const { text, chunks } = await outcome(here)
    expect(text).toBe('Hello')
    expect(chunks[0]).toMatchObject({ type: 'start', model: 'b/m', failedAttempts: [{ target: 'a/m', kind }] })
  })

  it('tells the refusal itself where there is nobody else to ask', async () => {
    const here = scene([[fails('invalid-request', { status: 400, altered: true })]])
    expect((await outcome(here)).error).toMatchObject({ kind: 'invalid-request', status: 400 })
  })

  it('goes on after a refusal of a request of which something was left out', async () => {
    const here = scene([[fails('invalid-request', { status: 400, altered: true })], [answers('Hello', 'b/m')]])
    expect((await outcome(here)).text).toBe('Hello')
    const filtered = scene([[fails('content-filter', { altered: true })], [answers('Hello', 'b/m')]])
    expect((await outcome(filtered)).error?.kind).toBe('content-filter')
  })

  it.each(['invalid-request', 'content-filter'] as const)('gives %s to the caller at once', async kind => {
    const here = scene([[fails(kind, { status: 400 })], [answers('Hello', 'b/m')]])
    const { error, refused } = await outcome(here)
    expect(error).toMatchObject({ kind, status: 400, provider: 'a', model: 'm', attempts: [{ target: 'a/m', kind }] })
    expect(refused).toBe(true)
    expect(here.providers[1]?.calls).toHaveLength(0)
  })

  it('goes on when a stream breaks before its first visible text', async () => {
    const reasoning = [
      { type: 'start', model: 'a/m' },
      { type: 'reasoning-start', id: 0, origin: 'x' },
      { type: 'reasoning-delta', id: 0, text: 'hm' },
    ] as const
    const error = new SwitchyardError('overloaded', 'Too busy.')
    const here = scene([() => streams(reasoning, { error }), [answers('Hello', 'b/m')]])
    const { text, chunks } = await outcome(here)
    expect(text).toBe('Hello')
    expect(chunks.filter(chunk => chunk.type.startsWith('reasoning'))).toEqual([])
  })

  it('goes on when a stream ends before it said anything', async () => {
    const here = scene([() => streams([{ type: 'start', model: 'a/m' }]), [answers('Hello', 'b/m')]])
    const { chunks } = await outcome(here)
    expect(chunks[0]).toMatchObject({
      failedAttempts: [{ kind: 'truncated' }, { kind: 'truncated' }, { kind: 'truncated' }],
    })
  })

  it('delivers the reasoning that came before the first visible text, in order', async () => {
    const steps = [
      [{ type: 'start', model: 'a/m' } as const],
      [
        { type: 'reasoning-start', id: 0, origin: 'x' } as const,
        { type: 'reasoning-end', id: 0, complete: true } as const,
      ],
      [{ type: 'text-start', id: 1 } as const, { type: 'text-delta', id: 1, text: 'Hi' } as const],
      [{ type: 'text-end', id: 1, complete: true } as const, { type: 'finish', reason: 'stop' } as const],
    ]
    const { chunks } = await outcome(scene([[streams(...steps)]]))
    expect(chunks.map(chunk => chunk.type)).toEqual([
      'start',
      'reasoning-start',
      'reasoning-end',
      'text-start',
      'text-delta',
      'text-end',
      'finish',
    ])
  })

  it('keeps the grammar whatever failed before', async () => {
    const here = scene([() => fails('unavailable'), [streams(opening, ending)]])
    const checker = new GrammarChecker()
    for (const chunk of (await outcome(here)).chunks) checker.add(chunk)
    expect(() => checker.end()).not.toThrow()
  })

  it('tells a request that no target can answer what each one said', async () => {
    const here = scene([[fails('authentication', { status: 401 })], [fails('not-found', { status: 404 })]])
    const { error } = await outcome(here)
    expect(error).toMatchObject({
      kind: 'exhausted',
      attempts: [
        { target: 'a/m', kind: 'authentication', status: 401 },
        { target: 'b/m', kind: 'not-found', status: 404 },
      ],
    })
    expect(error?.status).toBeUndefined()
    expect(error?.message).toBe(
      'None of 2 targets answered. a/m: It failed with authentication. b/m: It failed with not-found.',
    )
  })

  it('carries the status that all attempts agree on, and the shortest wait', async () => {
    const limited = (retryAfterMs: number) => fails('rate-limit', { status: 429, retryAfterMs })
    const here = scene([[limited(90_000)], [limited(70_000)]])
    expect((await outcome(here)).error).toMatchObject({ kind: 'exhausted', status: 429, retryAfterMs: 70_000 })
  })

  it('names its provider for an error that is not ours, and goes on', async () => {
    const here = scene([() => ({ type: 'reject', error: new TypeError('oops') }), [answers('Hello', 'b/m')]])
    const { chunks } = await outcome(here)
    expect(chunks[0]).toMatchObject({ failedAttempts: [{ message: 'a/m threw an unexpected TypeError.' }, {}, {}] })
  })

  it('survives a provider that throws where it should reject', async () => {
    const here = scene([
      () => {
        throw new SwitchyardError('unavailable', 'thrown')
      },
      [answers('Hello', 'b/m')],
    ])
    expect((await outcome(here)).text).toBe('Hello')
  })

  it('gives a request that defaults altered to the next target after a 400', async () => {
    const target = (index: number) => (index === 0 ? { defaults: { temperature: 0.7 } } : {})
    const here = scene([[fails('invalid-request')], [answers('Hello', 'b/m')]], { target })
    expect((await outcome(here)).text).toBe('Hello')
    expect(here.providers[0]?.calls[0]?.request.temperature).toBe(0.7)
    expect(here.providers[1]?.calls[0]?.request.temperature).toBeUndefined()
  })

  it('does not blame its defaults for a 400 that they did not touch', async () => {
    const target = () => ({ defaults: { temperature: 0.7 } })
    const here = scene([[fails('invalid-request')], [answers('Hello', 'b/m')]], { target })
    expect((await outcome(here, { ...ask, temperature: 0.2 })).error?.kind).toBe('invalid-request')
  })
})

describe('failure after something visible, where nobody may go on', () => {
  it('is thrown from the iteration with what had arrived, and nothing is tried again', async () => {
    const error = new SwitchyardError('network', 'The connection was reset.', { code: 'ECONNRESET' })
    const here = scene([[streams(opening, { error })], [answers('Hello', 'b/m')]], { midStream: 'fail' })
    const seen = await outcome(here)
    expect(seen.refused).toBe(false)
    expect(seen.text).toBe('Hel')
    expect(seen.error).toMatchObject({ kind: 'network', code: 'ECONNRESET', provider: 'a' })
    expect(seen.error?.attempts).toMatchObject([{ target: 'a/m', kind: 'network' }])
    expect(seen.error?.partial?.content).toEqual([{ type: 'text', text: 'Hel', complete: false }])
    expect(here.providers[1]?.calls).toHaveLength(0)
  })

  it('is an error, never a success, when the stream just ends', async () => {
    const here = scene([[streams(opening)], [answers('Hello', 'b/m')]], { midStream: 'fail' })
    expect((await outcome(here)).error).toMatchObject({ kind: 'truncated' })
  })

  it('is invisible to a caller who asked for a whole answer', async () => {
    const error = new SwitchyardError('network', 'The connection was reset.')
    const here = scene([() => streams(opening, { error }), [answers('Hello', 'b/m')]])
    const response = await whole(here)
    expect(response).toMatchObject({ model: 'b/m', content: [{ type: 'text', text: 'Hello' }], reason: 'stop' })
    expect(response.failedAttempts).toHaveLength(3)
    expect(response.billed).toEqual([{ target: 'a/m' }, { target: 'a/m' }, { target: 'a/m' }, { target: 'b/m' }])
  })
})

describe('selection', () => {
  it('passes over a target that cannot do what the request needs, and says so', async () => {
    const capabilities = (index: number) => ({ tools: index === 1 })
    const here = scene([[answers('no')], [answers('Hello', 'b/m')]], { capabilities })
    const { chunks } = await outcome(here, { ...ask, tools: [{ name: 'search' }] })
    expect(chunks[0]).toMatchObject({
      failedAttempts: [
        { target: 'a/m', kind: 'unsupported', sent: false, message: 'a/m was passed over: it does not support tools.' },
      ],
    })
    expect(here.seen.filter(({ name }) => name === 'target-skipped')).toHaveLength(1)
  })

  it('refuses by name what only another dialect could say', async () => {
    const capabilities = () => ({ dialect: 'anthropic' })
    const here = scene([[answers('no')]], { capabilities })
    const boundTo = { dialect: 'openai-chat', fields: ['n'] }
    const { error } = await outcome(here, { ...ask, boundTo })
    expect(error).toMatchObject({ kind: 'unsupported' })
    expect(error?.message).toContain('openai-chat, which alone can say "n"')
  })

  it('asks targets in the order they are written', async () => {
    const here = scene([[answers('first')], [answers('second', 'b/m')]])
    expect((await outcome(here)).text).toBe('first')
  })

  it('gives each target its own model, without the chain name', async () => {
    const here = scene([[answers('first')]])
    await outcome(here, { ...ask, model: 'chain' })
    expect(here.providers[0]?.calls[0]?.request).toMatchObject({ model: 'm', stream: true })
  })

  it('refuses another model than its name', async () => {
    const { error } = await outcome(scene([[answers('first')]]), { ...ask, model: 'other' })
    expect(error).toMatchObject({ kind: 'not-found', param: 'model' })
  })

  it('refuses a request without messages', async () => {
    const { error } = await outcome(scene([[answers('first')]]), { messages: [] })
    expect(error).toMatchObject({ kind: 'invalid-request', param: 'messages' })
  })
})
