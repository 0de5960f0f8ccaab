import { createHash } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import type { CircuitStanding, EventName } from '@switchyard/core'
import { afterEach, describe, expect, test } from 'vitest'
import type { targetStates } from './admin-state.ts'
import { testDataDirectory } from './testing/data-directory.ts'
import {
  firstText,
  hello,
  secondText,
  startTwoTargets,
  type TwoTargets,
  type TwoTargetsOptions,
  wholeText,
} from './testing/two-targets.ts'

let pair: TwoTargets
const start = async (options: TwoTargetsOptions = {}): Promise<void> => {
  pair = await startTwoTargets(options)
}
afterEach(async () => {
  await pair[Symbol.asyncDispose]()
})

const get = (path: string, headers: Record<string, string> = {}) => fetch(`${pair.gateway.url}${path}`, { headers })
const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${pair.gateway.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
const json = async <Body>(answer: Promise<Response>): Promise<Body> => (await (await answer).json()) as Body
const messageOf = async (answer: Response): Promise<string> =>
  ((await answer.json()) as { error: { message: string } }).error.message
const isolate = (target: string, note?: string) => post('/admin/circuits/isolate', { target, note })
const release = (target: string) => post('/admin/circuits/release', { target })
const standings = async () => (await json<{ circuits: CircuitStanding[] }>(get('/admin/circuits'))).circuits
const circuits = async () => Object.fromEntries((await standings()).map(({ circuit, state }) => [circuit, state]))
const targets = async () => (await json<ReturnType<typeof targetStates>>(get('/admin/targets'))).targets

describe('a target that is isolated', () => {
  test('is not asked until it is released, and its chain answers all the same', async () => {
    await start()
    const told: [EventName, string][] = []
    for (const name of ['circuit-isolated', 'circuit-closed'] as const) {
      pair.gateway.switchyard.events.on(name, ({ target, reason }) => told.push([name, `${target} ${reason}`]))
    }
    const stopped = await isolate('first/model-a', 'moves to another house')
    expect(stopped.status).toBe(200)
    expect(await stopped.json()).toEqual({
      circuit: 'first/model-a',
      guards: 'model',
      state: 'isolated',
      note: 'moves to another house',
    })
    expect(await wholeText(pair.client)).toBe(secondText)
    expect(pair.first.requestCount).toBe(0)
    expect(await json(release('first/model-a'))).toEqual({ circuit: 'first/model-a', guards: 'model', state: 'closed' })
    expect(await wholeText(pair.client)).toBe(firstText)
    expect(told).toEqual([
      ['circuit-isolated', 'first/model-a isolated'],
      ['circuit-closed', 'first/model-a released'],
    ])
  })

  test('is not asked where nothing else is left either: 503, and no moment to come again', async () => {
    await start()
    await isolate('first')
    await isolate('second/model-b')
    const refused = await post('/v1/chat/completions', hello)
    expect(refused.status).toBe(503)
    expect(refused.headers.has('retry-after')).toBe(false)
    expect(await messageOf(refused)).toContain('first/model-a is not asked until it is released')
    expect(pair.first.requestCount + pair.second.requestCount).toBe(0)
  })

  test('is not asked by the name of its model either, whether anybody has listed that or not', async () => {
    await start({ models: '{ first/listed: {} }' })
    await isolate('first')
    for (const model of ['first/listed', 'first/invented']) {
      const refused = await post('/v1/chat/completions', { ...hello, model })
      expect(refused.status).toBe(503)
      expect(await messageOf(refused)).toContain(`${model} is not asked until it is released`)
    }
    expect(pair.first.requestCount).toBe(0)
  })

  test('may be one that nobody has asked yet, in this run of the gateway or an earlier one', async () => {
    await using data = await testDataDirectory()
    const listed = { dataDirectory: data.path, models: '{ first/listed: {} }' }
    await start(listed)
    expect((await isolate('first/listed')).status).toBe(200)
    await pair[Symbol.asyncDispose]()
    await start(listed)
    expect(await circuits()).toMatchObject({ 'first/listed': 'isolated' })
    expect(await json(release('first/listed'))).toMatchObject({ state: 'closed' })
    expect(await wholeText(pair.client, 'first/listed')).toBe(firstText)
  })

  test('stays isolated over a restart of the gateway', async () => {
    await using data = await testDataDirectory()
    await start({ dataDirectory: data.path })
    await isolate('first', 'key is being renewed')
    await pair[Symbol.asyncDispose]()
    await start({ dataDirectory: data.path })
    expect(await circuits()).toMatchObject({ first: 'isolated', 'first/model-a': 'closed' })
    expect((await standings()).map(({ note }) => note)).toContain('key is being renewed')
    expect(await wholeText(pair.client)).toBe(secondText)
    await release('first')
    expect(await wholeText(pair.client)).toBe(firstText)
    await pair[Symbol.asyncDispose]()
    await start({ dataDirectory: data.path })
    expect(await circuits()).toMatchObject({ first: 'closed' })
    // what was seen of them is known, too
    expect((await targets()).map(({ performance }) => performance[0]?.succeeded)).toEqual([1, 1])
  })
})

describe('how targets stand', () => {
  test('is told of every target: its circuits, what is on its way, and what was seen of it', async () => {
    await start({ circuitBreaker: '{ minimumCalls: 2, openFor: 30s }', retry: '{ attempts: 1 }' })
    pair.first.setFault({ type: 'status', status: 500 })
    for (let call = 0; call < 2; call++) expect(await wholeText(pair.client)).toBe(secondText)
    const [first, second, ...others] = await targets()
    expect([first?.target, second?.target, others]).toEqual(['first/model-a', 'second/model-b', []])
    expect(first).toMatchObject({
      circuits: {
        model: { state: 'open', retryAfterMs: expect.any(Number) },
        account: { state: 'closed' },
        process: { state: 'closed' },
      },
      inFlight: 0,
      concurrency: [],
      performance: [{ target: 'first/model-a', failed: 2, succeeded: 0 }],
    })
    expect(second).toMatchObject({ circuits: { model: { state: 'closed' } }, performance: [{ succeeded: 2 }] })
    const opened = (await standings()).find(({ circuit }) => circuit === 'first/model-a')
    expect(opened).toEqual({
      circuit: 'first/model-a',
      guards: 'model',
      state: 'open',
      retryAfterMs: expect.any(Number),
    })
    expect(opened?.retryAfterMs).toBeGreaterThan(20_000)
  })

  test('counts who holds a place of a concurrency limit, and who waits for one', async () => {
    await start({
      timeouts: '{ firstToken: 20s, idle: 20s, total: 30s }',
      models: '{ first/model-a: { concurrency: { limit: 1, maxWait: 10s } } }',
    })
    pair.first.setFault({ type: 'silence' })
    const leaves = new AbortController()
    const asked = [1, 2].map(() =>
      fetch(`${pair.gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(hello),
        signal: leaves.signal,
      }).catch(() => undefined),
    )
    const standing = async () => (await targets())[0]?.concurrency
    await expect.poll(standing).toMatchObject([{ limit: 1, inFlight: 1, queued: 1 }])
    leaves.abort()
    await Promise.all(asked)
    await expect.poll(standing).toMatchObject([{ limit: 1, inFlight: 0, queued: 0 }])
  })
})

test('a plan is explained, and nothing is sent', async () => {
  await start()
  await isolate('first/model-a')
  const answer = await post('/admin/explain', { ...hello, model: 'gpt-4' })
  expect(answer.status).toBe(200)
  expect(await answer.json()).toMatchObject({
    chain: 'pair',
    policy: 'priority',
    targets: expect.arrayContaining([
      expect.objectContaining({ target: 'first/model-a', circuit: { state: 'isolated' } }),
      expect.objectContaining({ target: 'second/model-b', circuit: { state: 'closed' } }),
    ]),
  })
  expect(pair.first.requestCount + pair.second.requestCount).toBe(0)
  expect((await post('/admin/explain', { ...hello, model: 'nobody' })).status).toBe(404)
})

describe('what is wrong', () => {
  test.each<[unknown, number, string]>([
    [{ target: 'first/model-b' }, 404, 'There is no circuit "first/model-b"; nearest are first/model-a, first'],
    [{}, 400, 'Name a circuit'],
    [{ target: 7 }, 400, 'Name a circuit'],
    [[], 400, 'Name a circuit'],
    ['', 400, 'The request has no body'],
    ['{', 400, 'not valid JSON'],
    [{ target: 'first', forever: true }, 400, 'There is no field "forever"; there are target and note.'],
    [{ target: 'first', note: 'x'.repeat(201) }, 400, 'at most 200 characters'],
  ])('is said: a body of %j', async (body, status, says) => {
    await start()
    for (const path of ['isolate', 'release']) {
      const answer = await post(`/admin/circuits/${path}`, body)
      expect(answer.status).toBe(status)
      expect(await messageOf(answer)).toContain(says)
    }
    expect(Object.values(await circuits())).not.toContain('isolated')
  })

  test('is said: the method', async () => {
    await start()
    expect((await get('/admin/circuits/isolate')).status).toBe(405)
    expect((await post('/admin/targets', {})).status).toBe(405)
  })
})

describe('who may see and stop targets', () => {
  const keys = { web: 'key-of-web-0123456789', boss: 'key-of-boss-987654321' }
  const hashOf = (key: string) => `sha256:${createHash('sha256').update(key).digest('hex')}`
  const as = (key: string) => ({ authorization: `Bearer ${key}` })

  test('with keys: one with admin: true, and nobody else', async () => {
    await start({
      more: `
keys:
  - { name: web, hash: "${hashOf(keys.web)}", chains: [pair] }
  - { name: boss, hash: "${hashOf(keys.boss)}", admin: true }`,
    })
    const ask = (headers: Record<string, string>) => [
      get('/admin/targets', headers),
      get('/admin/circuits', headers),
      post('/admin/circuits/isolate', { target: 'first' }, headers),
      post('/admin/circuits/release', { target: 'first' }, headers),
      post('/admin/explain', hello, headers),
    ]
    for (const answer of await Promise.all(ask({}))) expect(answer.status).toBe(401)
    for (const answer of await Promise.all(ask(as(keys.web)))) {
      expect(answer.status).toBe(403)
      expect(await answer.json()).toEqual({
        error: {
          message: 'The key "web" may not see how targets stand, nor stop them; ask with a key that has admin: true.',
          type: 'invalid_request_error',
          param: null,
          code: 'permission_denied',
        },
      })
    }
    for (const answer of ask(as(keys.boss))) expect((await answer).status).toBe(200)
  })

  test('without keys: no page in a browser', async () => {
    await start()
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const asked = httpRequest(`${pair.gateway.url}/admin/circuits`, { headers: { host: 'evil.example' } }, answer =>
        resolve(answer.resume().statusCode),
      )
      asked.on('error', reject).end()
    })
    expect(status).toBe(403)
    // the one type that a page may not send elsewhere unasked
    for (const type of ['text/plain', 'text/plain; application/json', 'multipart/form-data; x=application/json', '']) {
      const body = new Blob([JSON.stringify({ target: 'first' })], { type })
      const plain = await fetch(`${pair.gateway.url}/admin/circuits/isolate`, { method: 'POST', body })
      expect([type, plain.status]).toEqual([type, 415])
    }
    const asked = await fetch(`${pair.gateway.url}/admin/circuits/isolate`, {
      method: 'OPTIONS',
      headers: { origin: 'http://evil.example', 'access-control-request-method': 'POST' },
    })
    expect([...asked.headers.keys()].filter(name => name.startsWith('access-control'))).toEqual([])
    expect(Object.values(await circuits())).not.toContain('isolated')
  })
})
