import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EventHub, type EventMap, type EventName, type ModelInfo, SwitchyardError } from '@switchyard/core'
import { VirtualClock } from '@switchyard/core/testing'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Catalog, createCatalog } from '../catalog.ts'
import type { ModelSource } from './ask-provider.ts'
import { type CatalogSync, type CatalogSyncOptions, catalogSync } from './catalog-sync.ts'

const start = Date.parse('2026-11-20T12:00:00Z')

let directory: string
let store: string
let clock: VirtualClock
let catalog: Catalog
let told: { readonly name: EventName; readonly event: EventMap[EventName] }[]
let events: EventHub
const open: CatalogSync[] = []

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'switchyard-catalog-'))
  store = join(directory, 'state', 'models.json')
  clock = new VirtualClock({ wall: start })
  catalog = createCatalog({ clock })
  told = []
  events = new EventHub()
  events.on('*', (event, name) => told.push({ name, event }))
})
afterEach(async () => {
  for (const sync of open.splice(0)) await sync.dispose()
  await rm(directory, { recursive: true })
})

const syncOf = (options: Partial<CatalogSyncOptions> = {}): CatalogSync => {
  const sync = catalogSync({ catalog, providers: [], clock, events, store, ...options })
  open.push(sync)
  return sync
}

/** Answers with its lists in turn, the last one again and again. */
const source = (id: string, ...answers: (readonly ModelInfo[] | Error)[]) => {
  let calls = 0
  const getModels: ModelSource['getModels'] = async () => {
    const answer = answers[Math.min(calls++, answers.length - 1)]
    if (answer instanceof Error) throw answer
    return answer ?? []
  }
  return { id, getModels }
}
const happened = (...names: EventName[]) => told.filter(({ name }) => names.includes(name)).map(({ event }) => event)

describe('a sync', () => {
  test('learns new models, limits and ends', async () => {
    const lab = source('lab', [{ id: 'big', contextWindow: 9_000, retiresAt: '2027-02-01' }])
    const report = await syncOf({ providers: [lab] }).sync()
    expect(report).toMatchObject({ at: start, failed: [], problems: [], changes: { lab: { added: [{ id: 'big' }] } } })
    expect(catalog.facts('lab', 'big')?.capabilities).toEqual({ contextWindow: 9_000 })
    expect(catalog.get('lab/big')).toMatchObject({ status: 'deprecated', retirement: { date: '2027-02-01' } })
    expect(told).toEqual([
      { name: 'model-new', event: { at: start, provider: 'lab', model: 'big', contextWindow: 9_000 } },
      { name: 'model-deprecated', event: { at: start, provider: 'lab', model: 'big', retiresAt: '2027-02-01' } },
    ])
  })

  test('tells the first time only what the catalogue did not know', async () => {
    const openai = source('openai', [
      { id: 'gpt-5.4', contextWindow: 1_050_000, maxOutputTokens: 128_000, capabilities: { tools: true } },
      { id: 'gpt-5.4-mini', contextWindow: 500_000 },
      { id: 'gpt-5', retiresAt: '2026-12-11' },
      { id: 'gpt-5.1', retiresAt: '2027-03-01' },
      { id: 'gpt-5.5', retiresAt: '2027-07-01' },
      { id: 'gpt-7', maxOutputTokens: 10 },
    ])
    await syncOf({ providers: [openai] }).sync()
    expect(told).toEqual([
      { name: 'model-new', event: { at: start, provider: 'openai', model: 'gpt-7', maxOutputTokens: 10 } },
      {
        name: 'model-changed',
        event: { at: start, provider: 'openai', model: 'gpt-5.4-mini', changes: ['contextWindow'] },
      },
      { name: 'model-changed', event: { at: start, provider: 'openai', model: 'gpt-5.1', changes: ['retiresAt'] } },
      { name: 'model-deprecated', event: { at: start, provider: 'openai', model: 'gpt-5.5', retiresAt: '2027-07-01' } },
    ])
  })

  test('tells afterwards what differs from the list before', async () => {
    const models = [{ id: 'a', contextWindow: 1 }, { id: 'b', capabilities: { tools: false } }, { id: 'c' }] as const
    const later = [
      { id: 'a', contextWindow: 2, maxOutputTokens: 1 },
      { id: 'b', capabilities: { tools: true, images: true } },
      { id: 'd' },
    ] as const
    const sync = syncOf({ providers: [source('lab', models, later, [...later, { id: 'c' }])] })
    await sync.sync()
    told = []
    await clock.advance(60_000)
    await sync.sync()
    const at = start + 60_000
    expect(told.map(({ name, event }) => [name, event])).toEqual([
      ['model-new', { at, provider: 'lab', model: 'd' }],
      ['model-changed', { at, provider: 'lab', model: 'a', changes: ['contextWindow', 'maxOutputTokens'] }],
      ['model-changed', { at, provider: 'lab', model: 'b', changes: ['capabilities.tools', 'capabilities.images'] }],
      ['model-gone', { at, provider: 'lab', model: 'c' }],
    ])
    expect(catalog.get('lab/c')).toMatchObject({ goneSince: at })
    expect(catalog.retirements(['lab/c'])).toMatchObject([{ state: 'gone' }])
    told = []
    await sync.sync()
    expect(happened('model-new')).toMatchObject([{ model: 'c' }])
    expect(catalog.get('lab/c')).not.toHaveProperty('goneSince')
  })

  test('of the same lists tells nothing', async () => {
    const sync = syncOf({ providers: [source('lab', [{ id: 'a', contextWindow: 1, retiresAt: '2027-01-01' }])] })
    await sync.sync()
    told = []
    const facts = catalog.facts('lab', 'a')
    await sync.sync()
    expect(told).toEqual([])
    expect(catalog.facts('lab', 'a')).toBe(facts)
  })

  test('keeps the old list of a provider that fails, and learns from the others', async () => {
    const secret = new Error('key sk-secret is wrong')
    const busy = new SwitchyardError('overloaded', 'Busy.', { provider: 'lab' })
    const providers = [
      source('lab', [{ id: 'a' }], busy),
      source('ollama', [{ id: 'own', contextWindow: 1 }]),
      source('third', secret),
    ]
    const sync = syncOf({ providers: () => providers })
    await sync.sync()
    const { failed, changes } = await sync.sync()
    expect(failed).toMatchObject([
      { provider: 'lab', error: { kind: 'overloaded' } },
      { provider: 'third', error: { kind: 'unavailable', message: 'Provider "third" could not tell its models.' } },
    ])
    expect(Object.keys(changes)).toEqual(['ollama'])
    expect(catalog.get('lab/a')).toBeDefined()
    expect(catalog.get('ollama/own')).toBeDefined()
    expect(happened('model-gone')).toEqual([])
    expect(happened('model-sync-failed').at(-2)).toEqual({
      at: start,
      provider: 'lab',
      kind: 'overloaded',
      message: 'Busy.',
    })
    expect(JSON.stringify(told)).not.toContain('sk-secret')
    expect(await readFile(store, 'utf8')).toContain('"id": "a"')
  })

  test('takes of a list only what is well-formed', async () => {
    const odd = [
      {
        id: 'a',
        contextWindow: 'big',
        maxOutputTokens: -1,
        retiresAt: 'soon',
        capabilities: { tools: 'yes', images: true },
      },
      { id: 7 },
      null,
      { id: '' },
    ]
    const sync = syncOf({
      providers: [source('lab', odd as never), { id: 'none', getModels: async () => ({}) as never }],
    })
    const { failed } = await sync.sync()
    expect(catalog.find({ provider: 'lab' })).toHaveLength(1)
    expect(catalog.facts('lab', 'a')).toEqual({ capabilities: { images: true } })
    expect(failed).toMatchObject([{ provider: 'none', error: { kind: 'protocol' } }])
  })

  test('takes what a list says twice once', async () => {
    const sync = syncOf({ providers: [source('lab', [{ id: 'a' }, { id: 'b' }, { id: 'a', contextWindow: 5 }])] })
    const { changes } = await sync.sync()
    expect(changes.lab?.added).toEqual([{ id: 'a' }, { id: 'b' }])
    expect(happened('model-new')).toHaveLength(2)
  })

  test('is told at its end to whoever wants to know, when the catalogue has learned, unless it was aborted', async () => {
    const known: unknown[] = []
    const onSynced = () => known.push(catalog.get('lab/a')?.id)
    const sync = syncOf({ providers: [source('lab', [{ id: 'a' }])], onSynced })
    await expect(sync.sync({ signal: AbortSignal.abort() })).rejects.toMatchObject({ kind: 'aborted' })
    expect(known).toEqual([])
    await sync.sync()
    expect(known).toEqual(['a'])
  })

  test('gives a provider a minute, and asks it to stop', async () => {
    let asked: AbortSignal | undefined
    const silent: ModelSource = {
      id: 'lab',
      getModels: context => {
        asked = context?.signal
        return new Promise(() => {})
      },
    }
    const syncing = syncOf({ providers: [silent, source('ollama', [{ id: 'own' }])], store: undefined as never }).sync()
    await clock.advance(59_999)
    expect(asked?.aborted).toBe(false)
    await clock.advance(1)
    const { failed } = await syncing
    expect(failed).toMatchObject([{ provider: 'lab', error: { kind: 'timeout' } }])
    expect(asked?.aborted).toBe(true)
    expect(catalog.get('ollama/own')).toBeDefined()
    expect(clock.pending).toBe(0)
  })

  test('that is aborted learns nothing, at once, and leaves no timer', async () => {
    const silent: ModelSource = { id: 'lab', getModels: () => new Promise(() => {}) }
    const sync = syncOf({ providers: [source('ollama', [{ id: 'own' }]), silent] })
    const controller = new AbortController()
    const syncing = sync.sync({ signal: controller.signal })
    await vi.waitFor(() => expect(clock.pending).toBe(1))
    controller.abort()
    await expect(syncing).rejects.toMatchObject({ kind: 'aborted' })
    expect(clock.pending).toBe(0)
    expect(catalog.get('ollama/own')).toBeUndefined()
    expect(told).toEqual([])
    await expect(readFile(store)).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(sync.sync({ signal: AbortSignal.abort() })).rejects.toMatchObject({ kind: 'aborted' })
  })

  test('waits for the one before it', async () => {
    const order: string[] = []
    const slow: ModelSource = {
      id: 'lab',
      getModels: async () => {
        order.push('asked')
        await new Promise(setImmediate)
        order.push('answered')
        return []
      },
    }
    const sync = syncOf({ providers: [slow] })
    await Promise.all([sync.sync(), sync.sync()])
    expect(order).toEqual(['asked', 'answered', 'asked', 'answered'])
  })
})

describe('the file', () => {
  test('keeps what was told, and when, over a restart', async () => {
    const lab = source(
      'lab',
      [{ id: 'a', contextWindow: 5, capabilities: { tools: true } }, { id: 'b' }],
      [{ id: 'a' }],
    )
    const sync = syncOf({ providers: [lab] })
    await sync.sync()
    await sync.sync()
    expect(JSON.parse(await readFile(store, 'utf8'))).toEqual({
      version: 1,
      providers: { lab: { at: '2026-11-20T12:00:00.000Z', models: [{ id: 'a' }], gone: [{ id: 'b', since: start }] } },
    })
    catalog = createCatalog({ clock })
    const again = syncOf({ providers: [source('lab', [{ id: 'a' }, { id: 'c' }])] })
    await again.load()
    expect(catalog.get('lab/a')).toBeDefined()
    expect(catalog.get('lab/b')).toMatchObject({ goneSince: start })
    told = []
    await again.sync()
    expect(told.map(({ name, event }) => [name, (event as { model: string }).model])).toEqual([['model-new', 'c']])
    expect(catalog.get('lab/b')).toMatchObject({ goneSince: start })
  })

  test('is written beside itself and moved, so that nothing else is left', async () => {
    await syncOf({ providers: [source('lab', [{ id: 'a' }])] }).sync()
    expect(await readdir(join(directory, 'state'))).toEqual(['models.json'])
  })

  test.each([
    ['cut off', '{ "version": 1, "prov'],
    ['of another version', '{ "version": 2, "providers": {} }'],
    ['without a time', '{ "version": 1, "providers": { "lab": { "models": [], "gone": [] } } }'],
    [
      'with what is no model',
      '{ "version": 1, "providers": { "lab": { "at": "2026-11-20T00:00:00Z", "models": [{}], "gone": [] } } }',
    ],
    [
      'with what is not gone',
      '{ "version": 1, "providers": { "lab": { "at": "2026-11-20T00:00:00Z", "models": [], "gone": [{ "id": "a" }] } } }',
    ],
  ])('that is %s is moved aside with a warning, and a new one is written', async (_, text) => {
    await mkdir(join(directory, 'state'))
    await writeFile(store, text)
    const { problems } = await syncOf({ providers: [source('lab', [{ id: 'a' }])] }).sync()
    expect(problems).toEqual([expect.stringContaining(`${store} could not be read: `)])
    expect(problems[0]).toContain(`it was moved to ${store}.unreadable.`)
    expect(happened('model-file-failed')).toEqual([{ at: start, path: store, message: problems[0] }])
    expect(await readFile(`${store}.unreadable`, 'utf8')).toBe(text)
    expect(JSON.parse(await readFile(store, 'utf8')).providers.lab.models).toEqual([{ id: 'a' }])
    expect(catalog.get('lab/a')).toBeDefined()
  })

  test('that cannot be read at all is left alone, with a warning', async () => {
    await mkdir(store, { recursive: true })
    const sync = syncOf()
    await sync.load()
    expect(happened('model-file-failed')).toMatchObject([
      { path: store, message: expect.stringContaining('left as it is') },
    ])
  })

  test('that cannot be replaced leaves nothing beside it', async () => {
    await mkdir(store, { recursive: true })
    const { problems } = await syncOf({ providers: [source('lab', [{ id: 'a' }])] }).sync()
    expect(problems).toHaveLength(2)
    expect(await readdir(join(directory, 'state'))).toEqual(['models.json'])
  })

  test('that cannot be written is a warning, and what was learned holds', async () => {
    await writeFile(join(directory, 'state'), 'a file where the folder should be')
    const { problems } = await syncOf({ providers: [source('lab', [{ id: 'a' }])] }).sync()
    expect(problems.at(-1)).toContain(`could not be written to ${store}`)
    expect(happened('model-file-failed')).toHaveLength(2)
    expect(catalog.get('lab/a')).toBeDefined()
  })

  test('is not touched where none is named, nor where nobody answered', async () => {
    await syncOf({ providers: [source('lab', [{ id: 'a' }])], store: undefined as never }).sync()
    await syncOf({ providers: [source('lab', new Error('down'))] }).sync()
    expect(await readdir(directory)).toEqual([])
  })
})

describe('the schedule', () => {
  beforeEach(() => {
    vi.stubEnv('TZ', 'Asia/Tokyo')
    vi.useFakeTimers({ now: start, toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.unstubAllEnvs()
  })

  test('syncs at its times in UTC, until it is disposed', async () => {
    const lab = source('lab', [{ id: 'a' }])
    const asked = vi.spyOn(lab, 'getModels')
    const sync = syncOf({ providers: [lab], schedule: '0 4 * * *', store: undefined as never })
    expect(sync.nextAt).toBe(Date.parse('2026-11-21T04:00:00Z'))
    await vi.advanceTimersByTimeAsync(15 * 3_600_000 + 59 * 60_000)
    expect(asked).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(61_000)
    expect(asked).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(24 * 3_600_000)
    expect(asked).toHaveBeenCalledTimes(2)
    await sync.dispose()
    expect(vi.getTimerCount()).toBe(0)
    await vi.advanceTimersByTimeAsync(48 * 3_600_000)
    expect(asked).toHaveBeenCalledTimes(2)
  })

  test('that is none is refused with an example', () => {
    expect(() => syncOf({ schedule: 'daily at four' })).toThrow(
      'The schedule "daily at four" is no cron pattern, such as "0 4 * * *" for every day at 4: ',
    )
  })

  test('that never comes is refused, and leaves no timer', () => {
    expect(() => syncOf({ schedule: '0 0 30 2 *' })).toThrow('The schedule "0 0 30 2 *" never comes')
    expect(vi.getTimerCount()).toBe(0)
  })

  test('there need be none', () => {
    expect(syncOf().nextAt).toBeUndefined()
    expect(vi.getTimerCount()).toBe(0)
  })
})

test('what is disposed aborts its sync, leaves no timer, and syncs no more', async () => {
  let signal: AbortSignal | undefined
  const silent: ModelSource = {
    id: 'lab',
    getModels: context => {
      signal = context?.signal
      return new Promise(() => {})
    },
  }
  const sync = syncOf({ providers: [silent] })
  const syncing = sync.sync()
  await vi.waitFor(() => expect(clock.pending).toBe(1))
  await Promise.all([sync.dispose(), sync.dispose(), expect(syncing).rejects.toMatchObject({ kind: 'aborted' })])
  expect(signal?.aborted).toBe(true)
  expect(clock.pending).toBe(0)
  await expect(sync.sync()).rejects.toMatchObject({ kind: 'invalid-request' })
  await using another = catalogSync({ catalog, providers: [] })
  expect((await another.sync()).failed).toEqual([])
})
