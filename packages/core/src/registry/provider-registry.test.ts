import { describe, expect, it } from 'vitest'
import { SwitchyardError } from '../contract/errors.ts'
import type { IAIProvider } from '../contract/provider.ts'
import { EventHub } from '../events/event-hub.ts'
import { type ScriptedProvider, scriptedProvider, textAnswer, VirtualClock } from '../testing/index.ts'
import { ProviderRegistry } from './provider-registry.ts'

const clock = new VirtualClock()
const provider = (id: string): ScriptedProvider =>
  scriptedProvider({ id, clock, script: () => ({ type: 'stream', steps: [textAnswer('Hi')] }) })

function registryOf(...ids: string[]): ProviderRegistry {
  const registry = new ProviderRegistry()
  for (const id of ids) registry.register(provider(id))
  return registry
}

describe('registering', () => {
  it('makes a provider known by its id, in order', () => {
    const registry = registryOf('openai', 'lab.2_b-c')
    expect(registry.get('openai').id).toBe('openai')
    expect(registry.find('lab.2_b-c')?.id).toBe('lab.2_b-c')
    expect(registry.find('other')).toBeUndefined()
    expect(registry.list().map(({ id }) => id)).toEqual(['openai', 'lab.2_b-c'])
  })

  it.each(['', 'Open', 'open/ai', '-open', 'open ai', undefined])('refuses %o as an id', id => {
    expect(() => new ProviderRegistry().register({ ...provider('x'), id } as unknown as IAIProvider)).toThrow(
      expect.objectContaining({ kind: 'invalid-request', message: expect.stringContaining('cannot be a provider') }),
    )
  })

  it('refuses a provider of another contract, saying what to do', () => {
    const other = { id: 'acme', contract: 2 } as unknown as IAIProvider
    expect(() => new ProviderRegistry().register(other)).toThrow(
      expect.objectContaining({ kind: 'invalid-request', message: expect.stringContaining('contract 2') }),
    )
  })

  it('refuses an id that is taken', () => {
    const registry = registryOf('openai')
    expect(() => registry.register(provider('openai'))).toThrow('There is already a provider "openai"')
  })
})

describe('asking for a provider that is not there', () => {
  const message = (registry: ProviderRegistry, id: string): string => {
    try {
      registry.get(id)
    } catch (error) {
      expect(error).toMatchObject({ kind: 'not-found' })
      return (error as Error).message
    }
    return ''
  }

  it('names what there is', () => {
    const registry = registryOf('openai', 'anthropic')
    expect(message(registry, 'opnai')).toBe('There is no provider "opnai". Registered: openai, anthropic.')
    expect(message(registry, 'mistral')).toBe('There is no provider "mistral". Registered: openai, anthropic.')
    expect(message(new ProviderRegistry(), 'x')).toBe('There is no provider "x". None is registered.')
  })
})

describe('the life of providers', () => {
  it('is told as events', async () => {
    const events = new EventHub()
    const told: unknown[] = []
    events.on('*', (event, name) => told.push([name, event]))
    const registry = new ProviderRegistry({ events, clock })
    const openai = provider('openai')
    registry.register(openai)
    await registry.initialize()
    expect(openai.initialized).toBe(true)
    await registry.dispose()
    const event = { at: clock.wall(), provider: 'openai', durationMs: 0 }
    expect(told).toEqual([
      ['provider-initialised', event],
      ['provider-disposed', event],
    ])
  })

  it('ends with the registry', async () => {
    const openai = provider('openai')
    {
      await using registry = new ProviderRegistry()
      registry.register(openai)
    }
    expect(openai.disposed).toBe(true)
  })

  it('ends when it is taken out, unless whoever takes it wants it', async () => {
    const registry = registryOf('openai', 'lab')
    const openai = (await registry.remove('openai')) as ScriptedProvider
    const lab = (await registry.remove('lab', { dispose: false })) as ScriptedProvider
    expect([openai.disposed, lab.disposed]).toEqual([true, false])
    expect(registry.list()).toEqual([])
    await expect(registry.remove('lab')).rejects.toMatchObject({ kind: 'not-found' })
  })

  it('lets what is in flight finish when asked to drain', async () => {
    const registry = registryOf('openai')
    const stream = await registry.get('openai').sendMessage({ messages: [] })
    let disposed = 0
    const count = (): number => disposed++
    const disposing = [registry.dispose({ drain: true }).then(count), registry.dispose().then(count)]
    await new Promise(resolve => setImmediate(resolve))
    expect(disposed).toBe(0)
    await stream.response()
    await Promise.all(disposing)
  })

  it('goes on with the others when one fails, and names those that did', async () => {
    const registry = registryOf('good')
    const good = registry.get('good') as ScriptedProvider
    const failing = (id: string, error: unknown): void => {
      const bad = provider(id)
      bad.initialize = bad.dispose = () => Promise.reject(error)
      registry.register(bad)
    }
    const wrongKey = new SwitchyardError('authentication', 'The key is wrong.')
    failing('bad', wrongKey)
    await expect(registry.initialize({ verify: true })).rejects.toMatchObject({
      kind: 'authentication',
      message: 'Could not initialise 1 of 2 providers. bad: The key is wrong.',
      cause: wrongKey,
    })
    expect(good.initialized).toBe(true)
    failing('worse', 'a string')
    await expect(registry.dispose()).rejects.toMatchObject({
      kind: 'authentication',
      message: 'Could not dispose 2 of 3 providers. bad: The key is wrong. worse: a string',
      cause: { errors: [wrongKey, 'a string'] },
    })
    expect(good.disposed).toBe(true)
  })

  it('tells a failure that is not ours as unavailable', async () => {
    const registry = registryOf('odd')
    registry.get('odd').dispose = () => Promise.reject(new RangeError('odd'))
    await expect(registry.dispose()).rejects.toMatchObject({ kind: 'unavailable' })
  })
})
