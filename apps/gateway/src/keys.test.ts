import { createHash } from 'node:crypto'
import { request } from 'node:http'
import { parseConfig } from '@switchyard/config'
import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Callers } from './callers.ts'
import { startGateway } from './start-gateway.ts'
import { testDataDirectory } from './testing/data-directory.ts'
import { firstText, hello, startTwoTargets, type TwoTargets, wholeText } from './testing/two-targets.ts'

const hashOf = (key: string) => `sha256:${createHash('sha256').update(key).digest('hex')}`
const keys = { web: 'key-of-web-0123456789', boss: 'key-of-boss-987654321' }

let pair: TwoTargets
beforeAll(async () => {
  pair = await startTwoTargets({
    apiKey: keys.web,
    more: `
keys:
  - { name: web, hash: "${hashOf(keys.web)}", chains: [pair], tags: [site] }
  - { name: boss, hash: "${hashOf(keys.boss)}", admin: true }`,
  })
})
afterAll(async () => {
  await pair[Symbol.asyncDispose]()
})
beforeEach(() => {
  pair.first.reset()
})

const get = (path: string, headers: Record<string, string> = {}) => fetch(`${pair.gateway.url}${path}`, { headers })
const post = (headers: Record<string, string>, body: unknown = hello) =>
  fetch(`${pair.gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

describe('with keys', () => {
  test('a client with one is answered, and the log tells whose it was', async () => {
    const before = pair.log.length
    expect(await wholeText(pair.client)).toBe(firstText)
    await expect.poll(() => pair.log.length).toBe(before + 1)
    expect(pair.log.at(-1)).toMatchObject({ key: 'web', model: 'pair' })
    expect(JSON.stringify(pair.log)).not.toContain(keys.web)
  })

  test('x-api-key is taken as well', async () => {
    expect((await post({ 'x-api-key': keys.web })).status).toBe(200)
  })

  test.each([
    ['no key', {}],
    ['an empty one', { authorization: 'Bearer ' }],
    ['a wrong one', { authorization: 'Bearer key-of-web-012345678' }],
    ['another scheme', { authorization: `Basic ${keys.web}` }],
    ['its hash', { authorization: `Bearer ${hashOf(keys.web)}` }],
    ['the name', { authorization: 'Bearer web' }],
  ])('%s: 401, and nobody is asked', async (_, headers) => {
    for (const response of [await post(headers), await get('/v1/models', headers)]) {
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toBe('Bearer')
      expect(await response.json()).toEqual({
        error: { message: expect.any(String), type: 'invalid_request_error', param: null, code: 'invalid_api_key' },
      })
    }
    expect(pair.first.requestCount).toBe(0)
  })

  test('the official client knows the error', async () => {
    const stranger = new OpenAI({ baseURL: `${pair.gateway.url}/v1`, apiKey: 'wrong', maxRetries: 0 })
    await expect(wholeText(stranger)).rejects.toBeInstanceOf(OpenAI.AuthenticationError)
  })

  test('a stranger is refused before the body is read', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const asked = request(`${pair.gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': '1000000' },
      })
      asked.on('response', response => {
        resolve(response.statusCode)
        asked.destroy()
      })
      asked.on('error', reject)
      asked.write('{')
    })
    expect(status).toBe(401)
  })

  test('health and readiness need none', async () => {
    for (const path of ['/healthz', '/readyz']) expect((await get(path)).status).toBe(200)
  })

  test('a key asks its own chains and their aliases, and learns of no others', async () => {
    const web = { authorization: `Bearer ${keys.web}` }
    const { data } = (await (await get('/v1/models', web)).json()) as { data: { id: string }[] }
    expect(data.map(({ id }) => id)).toEqual(['pair', 'gpt-4'])
    expect((await post(web, { ...hello, model: 'gpt-4' })).status).toBe(200)
    for (const model of ['second/model-b', 'first', 'nothing-like-it']) {
      const response = await post(web, { ...hello, model })
      expect(response.status).toBe(404)
      const { error } = (await response.json()) as { error: { message: string; code: string } }
      expect(error).toMatchObject({
        code: 'model_not_found',
        message: `There is no model "${model}" for this key. The key "web" may ask pair, gpt-4.`,
      })
    }
    expect((await post(web, { messages: hello.messages })).status).toBe(400)
    expect((await get('/v1/models/second/model-b', web)).status).toBe(404)
    expect((await get('/v1/models/pair', web)).status).toBe(200)
    expect(pair.second.requestCount).toBe(0)
  })

  test('a key without chains asks everything', async () => {
    const boss = { authorization: `Bearer ${keys.boss}` }
    expect((await post(boss, { ...hello, model: 'second/anything' })).status).toBe(200)
    const { data } = (await (await get('/v1/models', boss)).json()) as { data: unknown[] }
    expect(data).toHaveLength(4)
  })

  test('any name in the Host header will do: no page knows a key', async () => {
    const { port } = new URL(pair.gateway.url)
    const status = await new Promise<number | undefined>((resolve, reject) => {
      request({ port, host: '127.0.0.1', path: '/healthz', headers: { host: 'llm.example' } }, response => {
        response.resume()
        resolve(response.statusCode)
      })
        .on('error', reject)
        .end()
    })
    expect(status).toBe(200)
  })
})

test('with keys the gateway may be reached from elsewhere', async () => {
  const config = parseConfig(`
providers: { lab: { type: openai-compatible, baseURL: "http://127.0.0.1:9/v1" } }
keys: [{ name: web, hash: "${hashOf(keys.web)}" }]`)
  await using data = await testDataDirectory()
  await using gateway = await startGateway({ config, dataDirectory: data.path, port: 0, host: '0.0.0.0' })
  const url = gateway.url.replace('0.0.0.0', '127.0.0.1')
  expect((await fetch(`${url}/v1/models`)).status).toBe(401)
  expect((await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${keys.web}` } })).status).toBe(200)
})

test('without keys everybody is an administrator without a name', () => {
  expect(new Callers().identify({})).toEqual({ tags: [], admin: true })
})

describe('headers of a request', () => {
  test.each([
    ['x-switchyard-tags', 'a b'],
    ['x-switchyard-tags', 'a,,b'],
    ['x-switchyard-tags', Array.from({ length: 17 }, (_, at) => `t${at}`).join()],
    ['x-switchyard-max-cost', '10'],
    ['x-switchyard-max-cost', '0.1 EUR'],
    ['x-switchyard-max-cost', '-1 USD'],
    ['x-switchyard-max-cost', '0 USD'],
    ['x-switchyard-strict', 'yes'],
    ['x-switchyard-task', 'two words'],
    ['x-switchyard-task', ''],
  ])('%s: %s is refused by name', async (header, value) => {
    const response = await post({ authorization: `Bearer ${keys.web}`, [header]: value })
    expect(response.status).toBe(400)
    const { error } = (await response.json()) as { error: { message: string; param: string } }
    expect(error.param).toBe(header)
    expect(pair.first.requestCount).toBe(0)
  })

  test('tags, the most that it may cost and the task are taken', async () => {
    const headers = {
      'x-switchyard-task': 'summary',
      'x-switchyard-tags': 'nightly, team/a',
      'x-switchyard-max-cost': '0.10 USD',
    }
    expect((await post({ authorization: `Bearer ${keys.web}`, ...headers })).status).toBe(200)
  })
})
