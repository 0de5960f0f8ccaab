import { SwitchyardError } from '@switchyard/core/contract'
import { openaiChat } from '@switchyard/dialects'
import { expect, it } from 'vitest'
import { runCheck, wireOf } from './bench.ts'
import { type Bench, type ConformanceOptions, topic } from './conformance.ts'
import { asking, send, sentRequest } from './expectations.ts'
import { planted } from './planted-provider.fixture.ts'
import { testKey } from './test-key.ts'

const good = planted('openai-chat', {})

async function run(
  options: ConformanceOptions,
  body: (bench: Bench) => Promise<void>,
  patienceMs?: number,
): Promise<void> {
  const [check] = topic('test', [['does what the test says', body]])
  if (check !== undefined) await runCheck(check, options, patienceMs)
}

it('refuses a dialect of nobody that says too little of itself', () => {
  const unknown = { ...good, dialect: 'acme-chat' }
  expect(() => wireOf(unknown)).toThrow('"acme-chat" is none of ours')
  expect(() => wireOf({ ...unknown, api: 'openai' })).toThrow('`readRequest`')
  expect(() => wireOf({ ...unknown, readRequest: () => ({ messages: [] }) })).toThrow('`api`')
})

it('tests a dialect of your own with its own server and its own reader', async () => {
  const read: string[] = []
  const options: ConformanceOptions = {
    ...good,
    dialect: 'acme-chat',
    api: 'openai',
    readRequest({ body, path }) {
      read.push(path)
      return openaiChat.decodeRequest(body)
    },
  }
  await run(options, async bench => {
    await (await send(bench)).response()
    expect(sentRequest(bench).messages).toEqual([{ role: 'user', content: 'Hi' }])
    expect(read).toEqual(['/v1/chat/completions'])
    expect(bench.lacks('token count')).toBe(false)
  })
})

it('names models by what they are good for, and says which an api lacks', async () => {
  await run({ ...good, simulator: { models: [{ id: 'tiny' }] } }, async bench => {
    expect(bench.model).toBe('tiny')
    expect(() => bench.modelFor('embedding')).toThrow('no "embedding" model')
  })
  await run({ ...good, model: 'gpt-sim-mini' }, async ({ model }) => expect(model).toBe('gpt-sim-mini'))
})

it('knows of the simulated models what the dialect knows, and what the options add', async () => {
  await run({ ...good, facts: { small: { forcedToolChoice: false } } }, async ({ facts, modelFor }) => {
    expect(facts('planted', modelFor('reasoning'))?.capabilities?.reasoning).toBe(true)
    expect(facts('planted', modelFor('small'))).toEqual({ forcedToolChoice: false })
    expect(facts('planted', 'unheard-of')).toBeUndefined()
  })
})

it('keeps the path of the base URL at another origin', async () => {
  await run(good, async ({ at }) => expect(at('http://127.0.0.1:1')).toBe('http://127.0.0.1:1/v1'))
})

it('closes every server and every provider of a check that fails', async () => {
  let bench: Bench | undefined
  const failing = run(good, async given => {
    bench = given
    await given.simulate({})
    throw new Error('planted')
  })
  await expect(failing).rejects.toThrow('planted')
  const error = await bench?.provider.sendMessage(asking(bench, 'Hi')).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(SwitchyardError)
  expect(error).toMatchObject({ kind: 'unavailable' })
})

it('finds sockets that a provider leaves open, at whichever server', async () => {
  const leaking: ConformanceOptions = {
    ...good,
    async create(setup) {
      const provider = await good.create(setup)
      // the platform's fetch keeps its socket
      await (await fetch(`${setup.baseURL}/models`, { headers: { authorization: `Bearer ${testKey}` } })).text()
      return provider
    },
  }
  await expect(run(leaking, async () => {}, 200)).rejects.toThrow('sockets are open after dispose')
})

it('starts further servers with the same key', async () => {
  await run(good, async ({ create, simulate }) => {
    const other = await simulate({ models: [{ id: 'other' }] })
    const provider = await create({ baseURL: other.baseURL })
    expect((await provider.getModels()).map(({ id }) => id)).toEqual(['other'])
  })
})
