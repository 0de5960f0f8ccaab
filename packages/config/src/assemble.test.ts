import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  capabilityNames,
  EventHub,
  type IAIProvider,
  isSwitchyardError,
  type MessageRequest,
  type ModelInfo,
  modelCapabilities,
  wholeMessageStream,
} from '@switchyard/core'
import { VirtualClock } from '@switchyard/core/testing'
import { startSimulator } from '@switchyard/simulator'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { assemble } from './assemble.ts'
import { checkConfig, parseConfig } from './parse-config.ts'
import { ConfigError } from './problem.ts'
import type { ProviderOptions } from './provider-factory.ts'

/** Answers at once with what it was asked, and remembers what it was made of. */
class EchoProvider implements IAIProvider {
  readonly contract = 1
  readonly id: string
  readonly made: ProviderOptions
  readonly requests: MessageRequest[] = []
  disposed = false

  constructor(made: ProviderOptions) {
    this.id = made.id
    this.made = made
  }
  async initialize() {}
  async sendMessage(request: MessageRequest) {
    this.requests.push(request)
    return wholeMessageStream({ model: `${this.id}/${request.model}`, content: [], reason: 'stop' })
  }
  getCapabilities(model: string) {
    return modelCapabilities(this.made.facts(this.id, model)?.capabilities)
  }
  async getModels() {
    return []
  }
  async dispose() {
    this.disposed = true
  }
  async [Symbol.asyncDispose]() {
    await this.dispose()
  }
}

const made: EchoProvider[] = []
const providerTypes = {
  echo: (options: ProviderOptions) => {
    const provider = new EchoProvider(options)
    made.push(provider)
    return provider
  },
}
beforeEach(() => {
  made.length = 0
})

const running = (text: string) => assemble(parseConfig(text), { providerTypes, file: 'switchyard.yaml' })
const ask: MessageRequest = { messages: [{ role: 'user', content: 'hello' }], stream: false }

const text = `
providers:
  one: { type: echo, apiKey: key-one, model: small, maxTokens: 50, temperature: 0.3, region: eu }
  two: { type: echo }
defaults: { retry: { attempts: 2 } }
chains:
  outer: { targets: [inner, two/b] }
  inner: { targets: [one/a/b, { model: two/b, attempts: 5, maxTokens: 9 }] }
aliases: { gpt-4: outer, mini: one/tiny }
models:
  one/tiny: { contextWindow: 4096, capabilities: { tools: false }, silentReasoning: 1m }
`

describe('a configuration becomes running objects', () => {
  test('providers get their section, their id and the facts of their models', async () => {
    await using switchyard = await running(text)
    expect(switchyard.registry.list().map(provider => provider.id)).toEqual(['one', 'two'])
    expect(made[0]?.made).toMatchObject({ id: 'one', apiKey: 'key-one', region: 'eu' })
    expect(made[0]?.made).not.toHaveProperty('type')
    expect(made[0]?.getCapabilities('tiny')).toMatchObject({
      contextWindow: 4096,
      tools: false,
      images: 'unknown',
      silentReasoningMs: 60_000,
    })
  })

  test('all chains share what was seen of targets, and what limits how much runs at once', async () => {
    await using switchyard = await running(`
providers: { one: { type: echo, concurrency: { limit: 3 } } }
chains:
  outer: { targets: [inner] }
  inner: { targets: [one/a], timeouts: { minThroughput: 5 } }
`)
    for (const chain of ['outer', 'inner', 'one/a']) await switchyard.resolve(chain).sendMessage(ask)
    expect(switchyard.performance.records().find(({ target }) => target === 'one/a')).toMatchObject({ succeeded: 3 })
    expect(switchyard.concurrency?.standings()).toEqual([{ name: 'one', limit: 3, inFlight: 0, queued: 0 }])
    await using without = await running('providers: { one: { type: echo } }')
    expect(without.concurrency).toBeUndefined()
  })

  test('what defaults say of hedges and holding back is of no harm where there is one target', async () => {
    await using switchyard = await running(`
providers: { one: { type: echo } }
defaults: { hedge: { percentile: 90 }, holdBack: { text: 20ms, toolCalls: 0s }, midStream: fail, timeouts: { minThroughput: 0 } }
chains: { alone: { targets: [one/a] } }
`)
    for (const model of ['alone', 'one/a', 'one/unlisted']) {
      expect((await (await switchyard.resolve(model).sendMessage(ask)).response()).reason).toBe('stop')
    }
    expect(switchyard.chains.get('alone')?.explain(ask)).toMatchObject({
      hedge: { percentile: 90 },
      holdBack: { textMs: 20 },
      midStream: 'fail',
    })
  })

  test('a chain chooses as it says, and by prices only where there are some', async () => {
    const chains = (select: string, price = '') => `
providers: { one: { type: echo${price} }, two: { type: echo, price: { input: 1, output: 1 } } }
chains: { c: { select: ${select}, sticky: { idle: 1m }, targets: [{ model: one/a }, two/b] } }
`
    for (const select of ['weighted', 'latency', 'cost', 'leastBusy', 'priority']) {
      await using switchyard = await running(chains(select, ', price: { input: 2, output: 2 }'))
      const plan = switchyard.chains.get('c')?.explain(ask)
      expect(plan).toMatchObject({ policy: select })
      if (select === 'cost') expect(plan?.targets.map(({ target }) => target)).toEqual(['two/b', 'one/a'])
    }
    await expect(running(chains('cost'))).rejects.toThrow(
      'switchyard.yaml:3: chains.c.targets[0]: its price is unknown, so select: cost cannot compare it with others; write models.one/a.price, or a price under providers.one',
    )
  })

  test('a price ceiling wants a price, in whichever list it stands', async () => {
    const kept = `
providers: { one: { type: echo }, two: { type: echo, price: { input: 1, output: 1 } } }
chains: { c: { targets: [{ model: two/b, when: { maxCost: 1 USD } }], onContextLength: [{ model: one/a, when: { maxCost: 1 USD } }] } }
`
    await expect(running(kept)).rejects.toThrow(
      'switchyard.yaml:3: chains.c.onContextLength[0].when.maxCost: its price is unknown, so no request would meet this; write models.one/a.price, or a price under providers.one',
    )
    await using _ = await running(`${kept}models: { one/a: { price: { input: 1, output: 1 } } }`)
  })

  test('what the catalogue knows of a type holds for a provider of any name, under what the configuration says', async () => {
    await using switchyard = await running(`
providers:
  work: { type: openai, apiKey: k }
  lab: { type: openai-compatible, baseURL: "http://127.0.0.1:1/v1" }
models:
  work/gpt-5.4-mini: { capabilities: { images: false }, thinking: always }
  lab/tiny:
    contextWindow: 8192
    price:
      { input: 0.15, output: "0.60", cachedInput: 0.05, cacheWrite: { 1h: 2 }, longContext: [{ above: 1000, input: 1, output: 2, cacheWrite: 3 }] }
`)
    const { catalog, registry } = switchyard
    const known = registry.get('work').getCapabilities('gpt-5.4-mini')
    expect(known).toMatchObject({ tools: true, images: false })
    expect(known.contextWindow).toBeGreaterThan(100_000)
    expect(catalog.facts('work', 'gpt-5.4-mini')?.thinking).toBe('always')
    expect(registry.get('lab').getCapabilities('gpt-5.4-mini').tools).toBe('unknown')
    const usage = (uncached: number, cacheWrite = {}) => ({
      input: { uncached, cacheRead: 100, cacheWrite },
      output: { text: 10, reasoning: 0 },
    })
    // 500 x 0.15 + 100 x 0.05 + 10 x 0.60 = 86 USD per million
    expect(catalog.cost(usage(500), 'lab/tiny').total).toBe(86_000_000n)
    // 900 + 100 are not above 1,000, and one more is: then 7 tokens of each lifetime are 3 each
    expect(catalog.cost(usage(900), 'lab/tiny')).not.toHaveProperty('tier')
    expect(catalog.cost(usage(901), 'lab/tiny')).toMatchObject({ tier: 1_000 })
    const written = Object.fromEntries(['default', '5m', '30m', '1h', '12h'].map(lifetime => [lifetime, 7]))
    const { parts } = catalog.cost(usage(2_000, written), 'lab/tiny')
    expect(parts.filter(({ part, cost }) => part.startsWith('cacheWrite.') && cost === 21_000_000n)).toHaveLength(5)
    // 2,000 x 1 + 10 x 2 + 7 x 3, and what the 100 cached tokens of a long prompt cost nobody has said
    expect(catalog.cost(usage(2_000, { '5m': 7 }), 'lab/tiny')).toMatchObject({ unknown: ['cacheRead'] })
  })

  test('a model that ends is told at once, as an event and when asked', async () => {
    const events = new EventHub()
    const heard: string[] = []
    events.on('target-retiring', ({ target, state }) => heard.push(`${target} ${state}`))
    const config = parseConfig(`
providers: { work: { type: openai, apiKey: k }, other: { type: openai, apiKey: k, model: gpt-4 } }
chains: { c: { targets: [work/o1, work/gpt-5.5] } }
`)
    await using switchyard = await assemble(config, { events })
    expect(heard).toEqual(['work/o1 retired', 'other/gpt-4 retired'])
    expect(switchyard.retirements().map(({ message }) => message)).toEqual([
      expect.stringMatching(/^work\/o1 was retired on /),
      expect.stringMatching(/^other\/gpt-4 was retired on /),
    ])
  })

  test('what providers list is learned on demand and kept in a file, and a plan that is none is told by its key', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'switchyard-models-'))
    onTestFinished(() => rm(directory, { recursive: true }))
    await using simulator = await startSimulator()
    const config = parseConfig(`
providers: { lab: { type: openai-compatible, baseURL: "${simulator.baseURL}", apiKey: "${simulator.apiKey}" } }
catalog: { sync: "0 4 * * *" }
`)
    {
      await using switchyard = await assemble(config, { directory })
      expect(switchyard.catalog.get('lab/gpt-sim')).toBeUndefined()
      expect(new Date(switchyard.modelSync.nextAt ?? 0).getUTCHours()).toBe(4)
      await switchyard.modelSync.sync()
      expect(switchyard.catalog.get('lab/gpt-sim')?.id).toBe('gpt-sim')
    }
    const again = await assemble(config, { directory })
    expect(again.catalog.get('lab/gpt-sim')?.id).toBe('gpt-sim')
    await again.dispose()
    expect(again.modelSync.nextAt).toBeUndefined()
    await expect(again.modelSync.sync()).rejects.toThrow('disposed')
    expect(existsSync(join(directory, '.switchyard', 'models.json'))).toBe(true)
    await using elsewhere = await assemble(
      checkConfig({ providers: config.providers, catalog: { file: 'state/told.json' } }),
      { directory },
    )
    await elsewhere.modelSync.sync()
    expect(existsSync(join(directory, 'state', 'told.json'))).toBe(true)
    const wrong = parseConfig('providers: { a: { type: openai, apiKey: k } }\ncatalog: { sync: daily }')
    await expect(assemble(wrong)).rejects.toThrow(
      /^switchyard.yaml:2: catalog.sync: The schedule "daily" is no cron pattern/,
    )
  })

  test('a chain, an alias, a default model and provider/model resolve', async () => {
    await using switchyard = await running(text)
    const modelOf = async (name: string) => {
      const stream = await switchyard.resolve(name).sendMessage(ask)
      return (await stream.response()).model
    }
    expect(await modelOf('inner')).toBe('one/a/b')
    expect(await modelOf('gpt-4')).toBe('one/a/b')
    expect(await modelOf('mini')).toBe('one/tiny')
    expect(await modelOf('one')).toBe('one/small')
    expect(await modelOf('two/anything/at-all')).toBe('two/anything/at-all')
    expect(switchyard.resolve('gpt-4')).toBe(switchyard.chains.get('outer'))
    expect(switchyard.resolve('two/x')).toBe(switchyard.resolve('two/x'))
  })

  test('attempts add up over nested chains', async () => {
    await using switchyard = await running(text)
    expect(switchyard.resolve('inner').attemptBound).toBe(7)
    expect(switchyard.resolve('outer').attemptBound).toBe(9)
    expect(switchyard.resolve('two/x').attemptBound).toBe(2)
  })

  test("a request that says nothing gets the provider's settings, or the target's", async () => {
    await using switchyard = await running(text)
    await switchyard.resolve('inner').sendMessage(ask)
    await switchyard.resolve('one/x').sendMessage({ ...ask, temperature: 1 })
    expect(made[0]?.requests[0]).toMatchObject({ model: 'a/b', maxOutputTokens: 50, temperature: 0.3 })
    expect(made[0]?.requests[1]).toMatchObject({ model: 'x', maxOutputTokens: 50, temperature: 1 })
  })

  test('models lists chains, aliases and the models that are named', async () => {
    await using switchyard = await running(text)
    expect(switchyard.models().map(model => model.id)).toEqual([
      ...['outer', 'inner', 'gpt-4', 'mini'],
      ...['two/b', 'one/a/b', 'one/small', 'one/tiny'],
    ])
  })

  test('an unknown model is answered with what there is', async () => {
    await using switchyard = await running(text)
    for (const [name, message] of [
      [
        'iner',
        'There is no model "iner". Did you mean "inner"? Chains and aliases: outer, inner, gpt-4, mini. Or name',
      ],
      ['three/x', 'There is no model "three/x".'],
      ['one/', 'There is no model "one/".'],
      ['two', 'There is no model "two".'],
      ['__proto__', 'There is no model "__proto__".'],
    ] as const) {
      expect(() => switchyard.resolve(name)).toThrow(message)
      try {
        switchyard.resolve(name)
      } catch (error) {
        expect(isSwitchyardError(error, 'not-found')).toBe(true)
      }
    }
    expect(() => switchyard.resolve(undefined)).toThrow('Name a model.')
  })

  test('models that clients invent are not kept for ever', async () => {
    await using switchyard = await running(text)
    const first = switchyard.resolve('two/0')
    for (let at = 1; at <= 1_000; at++) switchyard.resolve(`two/${at}`)
    expect(switchyard.resolve('two/0')).not.toBe(first)
    expect([...switchyard.breakers.entries()].length).toBeLessThan(10)
  })

  test('chains share what they know of a target', async () => {
    await using switchyard = await running(text)
    switchyard.breakers.breaker('two/b').isolate(0)
    await expect(switchyard.resolve('two/b').sendMessage(ask)).rejects.toMatchObject({ kind: expect.any(String) })
    expect(made[1]?.requests).toEqual([])
  })

  test("an account's circuit follows the defaults, whatever its chains say, and is never open for being slow", async () => {
    await using switchyard = await running(`
providers: { one: { type: echo }, two: { type: echo } }
defaults: { circuitBreaker: { minimumCalls: 1, slowCall: 1s } }
chains: { patient: { targets: [one/a, two/a], circuitBreaker: { minimumCalls: 50 } } }
`)
    const after = (id: string, type: 'success' | 'failure') => {
      const account = switchyard.breakers.breaker(id)
      const permit = account.admit(0)
      if (permit.admitted) permit.settle(9_000, { type })
      return account.admit(9_000).admitted
    }
    expect(after('one', 'success')).toBe(true)
    expect(after('two', 'failure')).toBe(false)
  })

  test('a circuit opens after as many failures in a row as the configuration says', async () => {
    await using switchyard = await running(`
providers: { one: { type: echo } }
defaults: { circuitBreaker: { consecutiveFailures: 2 } }
chains: { only: { targets: [one/a] } }
`)
    const breaker = switchyard.breakers.breaker('one/a')
    for (const type of ['success', 'success', 'success', 'failure', 'failure'] as const) {
      const permit = breaker.admit(0)
      if (permit.admitted) permit.settle(0, { type })
    }
    expect(breaker.state.name).toBe('open')
  })

  test('dispose ends the providers', async () => {
    const switchyard = await running(text)
    await switchyard.dispose()
    await switchyard.dispose()
    expect(made.map(provider => provider.disposed)).toEqual([true, true])
    await expect(switchyard.resolve('inner').sendMessage(ask)).rejects.toThrow('disposed')
  })
})

describe('models that end', () => {
  const day = 86_400_000
  /** A provider whose list of models is what the test says now. */
  const listing = (list: () => readonly ModelInfo[]) => (options: ProviderOptions) =>
    Object.assign(new EchoProvider(options), { getModels: async () => list() })
  const config = parseConfig(`
providers: { one: { type: listing } }
chains: { c: { targets: [one/a, one/b] } }
`)
  const hearing = async (list: () => readonly ModelInfo[]) => {
    const events = new EventHub()
    const heard: string[] = []
    events.on('target-retiring', ({ target, state }) => heard.push(`${target} ${state}`))
    const clock = new VirtualClock()
    const switchyard = await assemble(config, { events, clock, providerTypes: { listing: listing(list) } })
    return { switchyard, heard, events, clock }
  }
  const dateIn = (clock: VirtualClock, days: number) => new Date(clock.wall() + days * day).toISOString().slice(0, 10)

  test('are told once each, however many other models of the provider end with them', async () => {
    let ends: string | undefined
    const list = () => ['a', 'x1', 'x2', 'x3'].map(id => ({ id, ...(ends !== undefined && { retiresAt: ends }) }))
    const { switchyard, heard, clock } = await hearing(list)
    await using _ = switchyard
    await switchyard.modelSync.sync()
    expect(heard).toEqual([])
    ends = dateIn(clock, 100)
    await switchyard.modelSync.sync()
    expect(heard).toEqual(['one/a deprecated'])
    await switchyard.modelSync.sync()
    expect(heard).toEqual(['one/a deprecated'])
  })

  test('are told again when their end comes near, and when it is there', async () => {
    const clock0 = new VirtualClock()
    const ends = dateIn(clock0, 100)
    const { switchyard, heard, clock } = await hearing(() => [{ id: 'a', retiresAt: ends }])
    await using _ = switchyard
    await switchyard.modelSync.sync()
    for (let days = 0; days < 10; days++) {
      await clock.advance(11 * day)
      await switchyard.modelSync.sync()
    }
    expect(heard).toEqual(['one/a deprecated', 'one/a retiring', 'one/a retired'])
  })

  test('leave no listener behind', async () => {
    const { switchyard, events } = await hearing(() => [])
    await switchyard.dispose()
    expect((['model-gone', 'model-deprecated'] as const).map(name => events.has(name))).toEqual([false, false])
  })
})

describe('what cannot be made is told by its place', () => {
  const failure = async (config: string, directory?: string) => {
    const error = await assemble(parseConfig(config), {
      providerTypes: {
        ...providerTypes,
        broken: options => {
          throw new Error(`cannot work with ${options.apiKey}`)
        },
        empty: () => ({}) as IAIProvider,
        stubborn: options => new EchoProvider({ ...options, id: 'other' }),
      },
      file: 'switchyard.yaml',
      ...(directory !== undefined && { directory }),
    }).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(ConfigError)
    return (error as ConfigError).message
  }

  test('an unknown type', async () => {
    expect(await failure('providers: { a: { type: opneai } }')).toBe(
      'switchyard.yaml:1: providers.a.type: there is no provider type and no package of this name; did you mean "openai"?',
    )
    expect(await failure('providers: { a: { type: ./nothing.js } }')).toContain('there is no such file')
  })

  test.each(['fs', 'node:fs', 'constructor'])('%s, which is no package', async type => {
    expect(await failure(`server: {}\nproviders: { a: { type: "${type}" } }`)).toContain(
      'switchyard.yaml:2: providers.a.type: there is no provider type and no package of this name',
    )
  })

  test('a factory that throws, without its secrets', async () => {
    expect(await failure('providers: { a: { type: broken, apiKey: sk-secret-1 } }')).toBe(
      'switchyard.yaml:1: providers.a: cannot work with [redacted]',
    )
  })

  test('a factory that makes no provider, or another one', async () => {
    expect(await failure('providers: { a: { type: empty } }')).toContain('has no initialize(); it is no provider')
    expect(await failure('providers: { a: { type: stubborn } }')).toContain('the id it was given, "a", not "other"')
  })

  test('a model that cannot be as it is said to be, by its own name', async () => {
    const lab = 'providers: { lab: { type: echo } }\nmodels:\n  lab/fine: {}\n  lab/tiny: '
    expect(await failure(`${lab}{ contextWindow: 100, maxOutputTokens: 200 }`)).toBe(
      'switchyard.yaml:4: models.lab/tiny: The model lab/tiny cannot be as it is overridden: maxOutputTokens is over contextWindow.',
    )
    const tier = '{ above: 5, input: 1, output: 1 }'
    expect(
      await failure(`${lab}{ price: { input: 1, output: 1, cachedInput: 2, longContext: [${tier}, ${tier}] } }`),
    ).toBe(
      'switchyard.yaml:4: models.lab/tiny: The model lab/tiny cannot be as it is overridden: price.cachedInput is over input. price.longContext[1] is not longer than the tier before.',
    )
  })

  test('a schedule that never comes', async () => {
    expect(await failure('providers: { a: { type: echo } }\ncatalog: { sync: "0 0 30 2 *" }')).toBe(
      'switchyard.yaml:2: catalog.sync: The schedule "0 0 30 2 *" never comes; "0 4 * * *" is every day at 4.',
    )
    expect(made.map(provider => provider.disposed)).toEqual([true])
  })

  test('and nothing is left of what was made before it, nor of what was refused', async () => {
    const refused: string[] = []
    const types = {
      ...providerTypes,
      odd: (options: ProviderOptions) =>
        Object.assign(new EchoProvider({ ...options, id: 'other' }), {
          dispose: async () => {
            refused.push(options.id)
            throw new Error('not now')
          },
        }),
      stuck: (options: ProviderOptions) =>
        Object.assign(new EchoProvider(options), { dispose: () => Promise.reject(new Error('never')) }),
    }
    const config = parseConfig('providers: { a: { type: echo }, b: { type: stuck }, c: { type: odd } }')
    await expect(assemble(config, { providerTypes: types })).rejects.toThrow('the id it was given, "c", not "other"')
    expect(made[0]?.disposed).toBe(true)
    expect(refused).toEqual(['c'])
  })

  describe('packages of other people', () => {
    let directory: string
    const install = async (name: string, manifest: object, source: string) => {
      const folder = join(directory, 'node_modules', name)
      await mkdir(folder, { recursive: true })
      await writeFile(join(folder, 'package.json'), JSON.stringify({ name, type: 'module', ...manifest }))
      await writeFile(join(folder, 'index.js'), source)
    }
    beforeEach(async () => {
      directory = await mkdtemp(join(tmpdir(), 'switchyard-config-'))
    })
    afterEach(() => rm(directory, { recursive: true }))

    const source = `export const createProvider = ({ id, apiKey }) => ({
      contract: 1, id, apiKey, initialize: async () => {}, sendMessage: async () => {}, getCapabilities: () => ({ ${capabilityNames.map(name => `${name}: 'unknown'`).join(', ')} }),
      getModels: async () => [], dispose: async () => {}, [Symbol.asyncDispose]: async () => {},
    })`

    test.each([
      ['with a main entry', { main: 'index.js' }],
      ['for import alone', { exports: { '.': { types: './index.d.ts', import: './index.js' } } }],
    ])("are found from the configuration's folder, %s", async (_, manifest) => {
      await install('@acme/switchyard-acme', manifest, source)
      const config = parseConfig('providers: { acme: { type: "@acme/switchyard-acme", apiKey: k } }')
      await using switchyard = await assemble(config, { directory })
      expect(switchyard.registry.get('acme')).toMatchObject({ id: 'acme', apiKey: 'k' })
    })

    test('may be a file beside it', async () => {
      await writeFile(join(directory, 'mine.mjs'), source)
      await using switchyard = await assemble(parseConfig('providers: { mine: { type: ./mine.mjs } }'), { directory })
      expect(switchyard.registry.get('mine').id).toBe('mine')
    })

    test('that export something else are refused', async () => {
      await install('left-pad-2', { main: 'index.js' }, 'export default 1')
      expect(await failure('providers: { a: { type: left-pad-2 } }', directory)).toContain(
        'providers.a.type: this package does not export createProvider',
      )
    })

    test.each([
      [
        'another contract',
        'contract: 1',
        'contract: 2',
        'it keeps contract 2, and this is contract 1; install versions',
      ],
      ['no contract', 'contract: 1', 'version: 1', 'it keeps contract none, and this is contract 1'],
      ['no method for models', 'getModels: async () => [],', '', 'has no getModels(); it is no provider'],
      [
        'no way to be disposed of',
        ', [Symbol.asyncDispose]: async () => {},',
        '',
        'has no [Symbol.asyncDispose](); let it',
      ],
      ['vectors that are none', 'contract: 1', 'contract: 1, embed: true', 'embed is a boolean; make it a method, or'],
      [
        'capabilities that come later',
        'getCapabilities:',
        'getCapabilities: async () => ({}), _:',
        'gave a promise; it must',
      ],
      [
        'no capabilities',
        'getCapabilities:',
        'getCapabilities: () => {}, _:',
        'getCapabilities() gave nothing; it must',
      ],
      [
        'capabilities of another kind',
        "tools: 'unknown'",
        "tools: 'maybe'",
        'gave a string for tools; it must be true, false or',
      ],
      [
        'capabilities for some models alone',
        'getCapabilities:',
        "getCapabilities: model => { throw new Error('no model ' + model) }, _:",
        'it threw: no model some-model',
      ],
      ['nothing at all', '=> ({', '=> void ({', 'createProvider gave nothing; it must return a provider'],
      [
        'a promise of something else',
        '=> ({',
        "=> Promise.resolve('hello') || ({",
        'createProvider gave a string; it must',
      ],
    ])('with %s are refused at their place, with the cure', async (_, there, instead, message) => {
      const broken = source.replace(there, instead)
      expect(broken).not.toBe(source)
      await install('strange', { main: 'index.js' }, broken)
      const said = await failure('providers:\n  a: { type: strange, apiKey: sk-secret-9 }', directory)
      expect(said).toMatch(/^switchyard.yaml:2: providers.a: /)
      expect(said).toContain(message)
    })

    test('that fail to load or to be made say why, without secrets', async () => {
      await install('torn', { main: 'index.js' }, "import 'nowhere-to-be-found'")
      expect(await failure('providers: { a: { type: torn } }', directory)).toMatch(
        /^switchyard.yaml:1: providers.a.type: this package cannot be loaded: .*nowhere-to-be-found/,
      )
      const rejecting = "export const createProvider = async ({ apiKey }) => { throw new Error('bad key ' + apiKey) }"
      await install('rejecting', { main: 'index.js' }, rejecting)
      expect(await failure('providers: { a: { type: rejecting, apiKey: sk-secret-9 } }', directory)).toBe(
        'switchyard.yaml:1: providers.a: bad key [redacted]',
      )
    })
  })
})
