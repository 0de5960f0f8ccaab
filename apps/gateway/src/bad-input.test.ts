import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hello, startTwoTargets, type TwoTargets, wholeText } from './testing/two-targets.ts'

let pair: TwoTargets
beforeAll(async () => {
  pair = await startTwoTargets({ server: '{ port: 0, bodyLimit: 100KB, mediaLimit: 1KB }' })
})
afterAll(async () => {
  await pair[Symbol.asyncDispose]()
})

async function send(body: unknown, init: RequestInit = {}, path = '/v1/chat/completions') {
  const response = await fetch(pair.gateway.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    ...(init.method !== 'GET' && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    ...init,
  })
  const { error } = (await response.json()) as { error: { message: string; param: string | null; code: string } }
  expect(response.headers.get('x-request-id')).toMatch(/^req_/)
  expect(error).toMatchObject({ message: expect.any(String), type: expect.any(String), code: expect.any(String) })
  return { status: response.status, headers: response.headers, ...error }
}

describe('a request that is wrong gets the status, the place and the cure', () => {
  const image = (data: string) => ({ type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } })
  test.each([
    [
      'malformed JSON',
      '{"model": "pair",\n "messages": [}',
      400,
      /unexpected "}" at line 2, column 15 \(position 32\)/,
      null,
    ],
    ['JSON that ends', '{"model": "pair"', 400, /it ends too early at line 1, column 17/, null],
    [
      'a key that JavaScript keeps for itself',
      `{"model": "pair", "messages": [{"role": "user", "content": "x", "__proto__": {"a": 1}}]}`,
      400,
      /a key "__proto__", which cannot be passed on/,
      null,
    ],
    [
      'a text that does not end',
      `{"model": "pair", "messages": "${'x'.repeat(500)}`,
      400,
      /a text without its closing quote at line 1, column 31/,
      null,
    ],
    ['nothing but opening brackets', '['.repeat(90_000), 400, /nests lists and objects more than 256 deep/, null],
    [
      'a model of a length that nobody gives',
      { ...hello, model: `first/${'x'.repeat(300)}` },
      400,
      /model's name is longer than 256/,
      'model',
    ],
    [
      'a model with a line break',
      { ...hello, model: 'first/x\r\nx-evil: 1' },
      400,
      /model's name holds a line break or another control character/,
      'model',
    ],
    ['no body', '', 400, /no body; send a JSON object/, null],
    ['a body that is no object', '[]', 400, /must be a JSON object/, undefined],
    ['no model', { messages: hello.messages }, 400, /model/, 'model'],
    ['an unknown chain', { ...hello, model: 'pari' }, 404, /no model "pari". Did you mean "pair"\?/, 'model'],
    ['an unknown provider', { ...hello, model: 'third/x' }, 404, /no model "third\/x"/, 'model'],
    ['no messages', { model: 'pair' }, 400, /messages/, 'messages'],
    ['empty messages', { model: 'pair', messages: [] }, 400, /messages/, 'messages'],
    ['a wrong type', { ...hello, temperature: 'hot' }, 400, /temperature/, 'temperature'],
    [
      'a wrong type far down',
      { model: 'pair', messages: [{ role: 'user', content: 5 }] },
      400,
      /content/,
      'messages[0].content',
    ],
    [
      'an unknown role',
      { model: 'pair', messages: [{ role: 'wizard', content: 'x' }] },
      400,
      /role/,
      'messages[0].role',
    ],
    [
      'a tool result without its call',
      { model: 'pair', messages: [...hello.messages, { role: 'tool', tool_call_id: 'c1', content: 'x' }] },
      400,
      /c1|tool/,
      'messages[1].tool_call_id',
    ],
    [
      'an image that is too large',
      { model: 'pair', messages: [{ role: 'user', content: [image('A'.repeat(4_000))] }] },
      400,
      /large|bytes/,
      expect.stringContaining('messages[0].content[0]'),
    ],
  ])('%s', async (_, body, status, message, param) => {
    const error = await send(body)
    expect(error.status).toBe(status)
    expect(error.message).toMatch(message)
    if (param !== undefined) expect(error.param).toEqual(param)
    expect(pair.first.requestCount).toBe(0)
  })

  test('a body over the limit, announced or not', async () => {
    const body = JSON.stringify({ ...hello, padding: 'x'.repeat(200_000) })
    const announced = await send(body)
    expect(announced).toMatchObject({ status: 413, code: 'request_too_large' })
    expect(announced.message).toMatch(/larger than 100000 bytes; make it smaller, or raise server.bodyLimit/)
    const chunked = await new Promise<number | undefined>((resolve, reject) => {
      const request = httpRequest(`${pair.gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
      })
      request.on('response', response => resolve(response.resume().statusCode))
      request.on('error', reject)
      request.write(body.slice(0, 150_000))
    })
    expect(chunked).toBe(413)
  })

  test('a content type that is not JSON', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      const error = await send('{}', { headers: { 'content-type': type } })
      expect(error).toMatchObject({ status: 415, code: 'unsupported_content_type' })
    }
    expect((await send('{', { headers: { 'content-type': 'application/json; charset=utf-8' } })).status).toBe(400)
  })

  test('a body that is compressed', async () => {
    const error = await send('{}', { headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' } })
    expect(error).toMatchObject({ status: 415, code: 'unsupported_content_encoding' })
  })

  test('a method or a path that is not there', async () => {
    const method = await send('', { method: 'GET' })
    expect(method).toMatchObject({ status: 405, code: 'method_not_allowed' })
    expect(method.headers.get('allow')).toBe('POST')
    expect((await send('{}', { method: 'DELETE' }, '/v1/models')).status).toBe(405)
    for (const path of ['/chat/completions', '/v1/nothing', '/', '/v1/chat/completions/']) {
      expect(await send('{}', {}, path)).toMatchObject({ status: 404, code: 'not_found' })
    }
    expect((await send('', { method: 'GET' }, '/%zz')).status).toBe(400)
  })
})

test('what is no HTTP at all', async () => {
  for (const [text, status] of [
    ['nonsense\r\n\r\n', 400],
    ['GET /v1/models HTTP/1.1\r\nconnection: close\r\n\r\n', 400],
    [`GET / HTTP/1.1\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`, 431],
    [`GET / HTTP/1.1\r\nhost: localhost\r\n${'x: y\r\n'.repeat(5_000)}\r\n`, 431],
  ] as const) {
    const socket = connect(Number(new URL(pair.gateway.url).port), '127.0.0.1')
    socket.write(text)
    let answer = ''
    for await (const read of socket) answer += read
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]*x-request-id: req_[^]*"type":"invalid_request_error"`))
  }
})

test('a request that does not arrive in time, though a byte comes now and then', async () => {
  await using hasty = await startTwoTargets({ server: '{ port: 0, requestTimeout: 200ms }' })
  const socket = connect(Number(new URL(hasty.gateway.url).port), '127.0.0.1')
  socket.write(
    'POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{',
  )
  const drip = setInterval(() => socket.writable && socket.write(' '), 50)
  let answer = ''
  for await (const read of socket) answer += read
  clearInterval(drip)
  expect(answer).toMatch(/^HTTP\/1.1 408 [\s\S]*"code":"request_timeout"/)
  expect(answer).toContain('raise server.requestTimeout')
  expect(await wholeText(hasty.client)).toContain('antwortet')
})

test('nonsense behind a request that is being answered does not get into its answer', async () => {
  await using slow = await startTwoTargets()
  slow.first.setFault({ type: 'drip', ms: 40 })
  const socket = connect(Number(new URL(slow.gateway.url).port), '127.0.0.1')
  const body = JSON.stringify({ ...hello, stream: true })
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  )
  let answer = ''
  socket.on('data', read => {
    if (answer === '') socket.write('nonsense\r\n\r\n')
    answer += read
  })
  await new Promise(resolve => socket.once('close', resolve))
  expect(answer).toMatch(/^HTTP\/1.1 200 /)
  expect(answer).not.toContain('400 Bad Request')
  expect(answer).not.toContain('[DONE]')
})

test('JSON nested deeper than anybody needs', async () => {
  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
  await using roomy = await startTwoTargets()
  const response = await fetch(`${roomy.gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: `{"model":"pair","messages":[{"role":"user","content":"x"}],"more":${deep}}`,
  })
  expect(response.status).toBe(400)
  expect(await response.text()).toContain('more than 256 deep')
  expect(roomy.first.requestCount).toBe(0)
  expect(await wholeText(roomy.client)).toContain('antwortet')
})

test('nothing else is disturbed by all that', async () => {
  await expect(wholeText(pair.client)).resolves.toContain('antwortet')
  expect(pair.log.filter(record => record.defect !== undefined)).toEqual([])
})

test('settings that a target refuses are dropped with a warning, or refused in strict mode', async () => {
  await using careful = await startTwoTargets({
    models: `
  first/model-a: { capabilities: { temperature: false } }
  second/model-b: { capabilities: { temperature: false } }`,
  })
  const ask = { ...hello, temperature: 0.5 }
  const { response } = await careful.client.chat.completions.create(ask).withResponse()
  expect(response.headers.get('x-switchyard-warnings')).toMatch(/^temperature: /)
  expect(careful.first.requests[0]?.body).not.toHaveProperty('temperature')
  const strict = careful.client.chat.completions.create(ask, { headers: { 'x-switchyard-strict': 'true' } })
  await expect(strict).rejects.toMatchObject({ status: 400 })
  expect(careful.first.requestCount).toBe(1)
})

test('strictness is on or off, and nothing between is taken for off', async () => {
  const headers = { 'content-type': 'application/json', 'x-switchyard-strict': 'yes' }
  const error = await send(hello, { headers })
  expect(error).toMatchObject({ status: 400, param: 'x-switchyard-strict' })
})

test('a trace goes on to the target, and what is none does not', async () => {
  await using traced = await startTwoTargets()
  const trace = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
  for (const traceparent of [trace, 'x'.repeat(8_000), 'é']) {
    await traced.client.chat.completions.create(hello, { headers: { traceparent } })
  }
  expect(traced.first.requests.map(request => request.headers.traceparent)).toEqual([trace, undefined, undefined])
})
