import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import {
  type ChunkSource,
  type MessageChunk,
  type MessageRequest,
  type MessageResponse,
  SwitchyardError,
} from '@switchyard/core/contract'
import { afterEach, describe, expect, it } from 'vitest'
import {
  type BodyReader,
  createTransport,
  HttpProvider,
  type HttpProviderDefinition,
  type ModelListing,
  type Transport,
  type WireProtocol,
} from './index.ts'

const servers: Server[] = []
const providers: HttpProvider[] = []

afterEach(async () => {
  await Promise.all(providers.splice(0).map(provider => provider.dispose()))
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
})

async function serve(listener: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer((request, response) => {
    request.resume()
    listener(request, response)
  })
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A dialect of one sentence: each read of a stream is one piece of text, `!` ends it. */
const protocol: WireProtocol = {
  dialect: 'toy',
  streamTypes: ['text/toy-stream'],
  encodeRequest(request, { model, stream, facts, strict }) {
    if (strict) throw new SwitchyardError('unsupported', 'seed: not here')
    const warnings = request.seed === undefined ? [] : [{ setting: 'seed', message: 'not here' }]
    const { maxOutputTokens, temperature } = request
    const settings = {
      ...(maxOutputTokens !== undefined && { maxOutputTokens }),
      ...(temperature !== undefined && { temperature }),
    }
    return { path: '/say', body: { model, stream, cap: facts.outputCapParameter, ...settings }, warnings }
  },
  readStream: (body, { provider, model }) => toyStream(body, `${provider}/${model}`),
  readWhole(body) {
    if (typeof body === 'object' && body !== null && 'error' in body) throw new SwitchyardError('overloaded', 'busy')
    return body as MessageResponse
  },
  readError: ({ status, body }, { provider, model, requestId }) =>
    new SwitchyardError('overloaded', `${status} ${body}`, {
      provider,
      status,
      ...(model && { model }),
      ...(requestId && { requestId }),
    }),
  models: { path: '/models', read: body => body as { id: string }[] },
  embeddings: {
    encode: (request, model) => ({ path: '/embed', body: { model, input: request.input } }),
    read: (_, { provider, model }) => ({ model: `${provider}/${model}`, embeddings: [[1]] }),
  },
}

function toyStream(body: BodyReader, model: string): ChunkSource {
  let started = false
  return {
    async read() {
      const bytes = await body.read()
      if (bytes === undefined) return undefined
      const text = Buffer.from(bytes).toString()
      const chunks: MessageChunk[] = started
        ? []
        : [
            { type: 'start', model },
            { type: 'text-start', id: 0 },
          ]
      started = true
      chunks.push({ type: 'text-delta', id: 0, text })
      if (text.endsWith('!'))
        chunks.push({ type: 'text-end', id: 0, complete: true }, { type: 'finish', reason: 'stop' })
      return chunks
    },
    cancel: reason => body.cancel(reason),
  }
}

function provide(url: string, given: Partial<HttpProviderDefinition> = {}): HttpProvider {
  const transport = given.transport ?? createTransport()
  const provider = new HttpProvider({
    id: 'toy',
    protocol,
    secrets: [],
    transport,
    send: ({ method, path, body, signal, timeouts, about }) =>
      transport.request({
        url: url + path,
        method,
        signal,
        timeouts,
        about,
        ...(body && { body: JSON.stringify(body) }),
      }),
    ...given,
  })
  providers.push(provider)
  return provider
}

const question: MessageRequest = { model: 'm', messages: [{ role: 'user', content: 'hi' }] }

async function failure(promise: Promise<unknown>): Promise<SwitchyardError> {
  return promise.then(
    () => expect.fail('it should have been refused'),
    error => error,
  )
}

async function received(request: IncomingMessage): Promise<Record<string, unknown>> {
  let body = ''
  for await (const piece of request) body += piece
  return JSON.parse(body)
}

/** Answers every request with this, in one piece. */
function answering(type: string | undefined, body: string, status = 200): Promise<string> {
  return serve((_, response) => {
    response.writeHead(status, { 'x-request-id': 'r7', ...(type !== undefined && { 'content-type': type }) })
    response.end(body)
  })
}

const whole = '{"model":"toy/m","content":[{"type":"text","text":"whole"}],"reason":"stop"}'

describe('an answer', () => {
  it('in pieces is a stream, by its content type or without one worth the name', async () => {
    for (const type of ['text/toy-stream; charset=utf-8', undefined, 'text/plain']) {
      const stream = await provide(await answering(type, 'hello!')).sendMessage(question)
      expect((await stream.response()).content).toEqual([{ type: 'text', text: 'hello!' }])
    }
  })

  it('that is whole is taken whole, whatever was asked', async () => {
    const provider = provide(await answering('application/json', whole))
    for (const stream of [true, false]) {
      const answer = await provider.sendMessage({ ...question, stream })
      expect(await answer.response()).toMatchObject({ content: [{ type: 'text', text: 'whole' }] })
    }
  })

  it('in pieces to a request for a whole one is read all the same', async () => {
    const provider = provide(await answering('text/toy-stream', 'hello!'))
    const answer = await provider.sendMessage({ ...question, stream: false })
    expect(await answer.response()).toMatchObject({ content: [{ type: 'text', text: 'hello!' }] })
  })

  it('carries the warnings of its request, streamed or whole', async () => {
    const warnings = [{ setting: 'seed', message: 'not here' }]
    const streamed = provide(await answering('text/toy-stream', 'hello!'))
    expect((await (await streamed.sendMessage({ ...question, seed: 1 })).response()).warnings).toEqual(warnings)
    const first = await (await streamed.sendMessage({ ...question, seed: 1 })).batches().next()
    expect(first.value?.[0]).toMatchObject({ type: 'start', warnings })
    const one = provide(await answering('application/json', whole))
    expect((await (await one.sendMessage({ ...question, seed: 1 })).response()).warnings).toEqual(warnings)
  })

  it('that is an error inside a success is that error', async () => {
    for (const stream of [true, false]) {
      const provider = provide(await answering('application/json', '{"error":{"message":"busy"}}'))
      expect(await failure(provider.sendMessage({ ...question, stream }))).toMatchObject({
        kind: 'overloaded',
      })
    }
  })

  it('that is a web page, empty or broken is a protocol error that names its request', async () => {
    const details = { kind: 'protocol', provider: 'toy', model: 'm', status: 200, requestId: 'r7' }
    for (const stream of [true, false]) {
      for (const [type, body] of [
        ['text/html; charset=utf-8', '<html>'],
        ['application/json', ''],
        ['application/json', '{"cut'],
      ]) {
        const provider = provide(await answering(type, body ?? ''))
        expect(await failure(provider.sendMessage({ ...question, stream }))).toMatchObject(details)
      }
    }
  })
})

describe('a refusal', () => {
  it('is read by the dialect, with provider, model, status and request id', async () => {
    const error = await failure(provide(await answering('text/plain', 'busy', 503)).sendMessage(question))
    expect(error).toMatchObject({
      kind: 'overloaded',
      message: '503 busy',
      provider: 'toy',
      model: 'm',
      status: 503,
      requestId: 'r7',
    })
  })

  it('may call its request id by another name', async () => {
    const url = await serve((_, response) => response.writeHead(503, { 'request-id': 'req_9' }).end('busy'))
    expect((await failure(provide(url).sendMessage(question))).requestId).toBe('req_9')
  })

  it('of a request of which something was left out says so, for the target may not be to blame', async () => {
    const refusing: WireProtocol = {
      ...protocol,
      readError: ({ status }) =>
        new SwitchyardError(status === 400 ? 'invalid-request' : 'rate-limit', 'No.', { status }),
    }
    const altered = async (status: number, seed?: number) => {
      const provider = provide(await answering('text/plain', '', status), { protocol: refusing })
      return (await failure(provider.sendMessage({ ...question, ...(seed && { seed }) }))).altered
    }
    expect(await altered(400, 1)).toBe(true)
    expect(await altered(400)).toBeUndefined()
    expect(await altered(429, 1)).toBeUndefined()
    const warm = provide(await answering('text/plain', '', 400), { protocol: refusing, temperature: 0.3 })
    expect((await failure(warm.sendMessage(question))).altered).toBe(true)
    expect((await failure(warm.sendMessage({ ...question, temperature: 1 }))).altered).toBeUndefined()
  })

  it('is read up to 64 KB', async () => {
    const url = await serve((_, response) => {
      response.statusCode = 500
      response.write('x'.repeat(100_000))
    })
    const error = await failure(provide(url).sendMessage(question))
    expect(error.message).toBe(`500 ${'x'.repeat(64 * 1024)}`)
  })

  it('whose body breaks off is still told by its status', async () => {
    const url = await serve((_, response) => {
      response.statusCode = 500
      response.write('bus')
      setTimeout(() => response.destroy(), 20)
    })
    expect(await failure(provide(url).sendMessage(question))).toMatchObject({ message: '500 bus' })
  })

  it('before anything is sent names provider and model', async () => {
    let requests = 0
    const url = await serve((_, response) => {
      requests++
      response.end()
    })
    const provider = provide(url)
    const error = await failure(provider.sendMessage(question, { strict: true }))
    expect(error).toMatchObject({ kind: 'unsupported', provider: 'toy', model: 'm' })
    const { model: _, ...nameless } = question
    expect(await failure(provider.sendMessage(nameless))).toMatchObject({ kind: 'invalid-request', param: 'model' })
    expect(requests).toBe(0)
  })

  it('of the network names provider and model, before the headers and in the body', async () => {
    const url = await serve((_, response) => {
      response.setHeader('content-type', 'text/toy-stream')
      response.setHeader('x-request-id', 'r8')
      response.write('hel')
      setTimeout(() => response.socket?.resetAndDestroy(), 20)
    })
    const stream = await provide(url).sendMessage(question)
    const error = await failure(stream.response())
    expect(error).toMatchObject({ kind: 'network', provider: 'toy', model: 'm', requestId: 'r8' })
    expect(error.partial?.content).toMatchObject([{ type: 'text', text: 'hel' }])
    const gone = provide('http://127.0.0.1:1')
    expect(await failure(gone.sendMessage(question))).toMatchObject({ kind: 'network', provider: 'toy', model: 'm' })
  })
})

describe('a request', () => {
  it('is completed by the provider options, and by nothing that it states itself', async () => {
    const url = await serve(async (request, response) => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ model: 'x', reason: 'stop', content: [], extra: { toy: await received(request) } }))
    })
    const provider = provide(url, { model: 'own', maxTokens: 10, temperature: 0.5 })
    const { model: _, ...nameless } = question
    const sent = async (request: MessageRequest): Promise<unknown> =>
      (await (await provider.sendMessage({ ...request, stream: false })).response()).extra?.toy
    expect(await sent(nameless)).toEqual({ model: 'own', stream: false, maxOutputTokens: 10, temperature: 0.5 })
    expect(await sent({ ...question, maxOutputTokens: 5, temperature: 0 })).toEqual({
      model: 'm',
      stream: false,
      maxOutputTokens: 5,
      temperature: 0,
    })
  })

  it('carries the headers that its dialect asks for', async () => {
    const calls: unknown[] = []
    const provider = provide('http://127.0.0.1:1', {
      protocol: {
        ...protocol,
        encodeRequest: () => ({ path: '/ask', body: { a: 1 }, headers: { 'toy-version': '2' } }),
      },
      send: async call => {
        calls.push(call)
        throw new SwitchyardError('network', 'away')
      },
    })
    await failure(provider.sendMessage(question))
    expect(calls).toMatchObject([{ method: 'POST', path: '/ask', body: { a: 1 }, headers: { 'toy-version': '2' } }])
  })

  it('is made and read by the dialect that fits its model, by what is known of it and by what is asked', async () => {
    const other: WireProtocol = {
      ...protocol,
      dialect: 'other',
      readWhole: (_, { model }) => ({ model: `other/${model}`, content: [], reason: 'stop' }),
      readError: () => new SwitchyardError('overloaded', 'in other words'),
    }
    const chosen: Pick<HttpProviderDefinition, 'protocolFor' | 'facts'> = {
      facts: (_, model) => (model === 'new' ? { apiVersion: '2' } : undefined),
      protocolFor: (model, { apiVersion }, request) =>
        apiVersion === '2' || (model === 'm' && request?.tools !== undefined) ? other : protocol,
    }
    const provider = provide(await answering('application/json', whole), chosen)
    const model = async (request: MessageRequest) =>
      (await (await provider.sendMessage({ ...request, stream: false })).response()).model
    expect(await model(question)).toBe('toy/m')
    expect(await model({ ...question, tools: [{ name: 't' }] })).toBe('other/m')
    expect(await model({ ...question, model: 'new' })).toBe('other/new')
    expect(provider.getCapabilities('new').dialect).toBe('other')
    expect(provider.getCapabilities('m').dialect).toBe('toy')
    const refusing = provide(await answering('application/json', '{}', 503), chosen)
    expect((await failure(refusing.sendMessage({ ...question, model: 'new' }))).message).toBe('in other words')
  })

  it('that fails is explained by its provider, whether an answer came or not', async () => {
    const explain = (error: SwitchyardError) =>
      error.kind === 'network' || error.kind === 'overloaded'
        ? new SwitchyardError(error.kind, `Is it running? ${error.message}`, { ...error })
        : error
    const busy = provide(await answering('text/plain', 'busy', 503), { explain })
    expect(await failure(busy.sendMessage(question))).toMatchObject({
      kind: 'overloaded',
      status: 503,
      message: 'Is it running? 503 busy',
    })
    const away = await failure(provide('http://127.0.0.1:1', { explain }).getModels())
    expect(away).toMatchObject({ kind: 'network', message: expect.stringContaining('Is it running? ') })
  })

  it('and capabilities are read through what is known of the model', () => {
    const provider = provide('http://127.0.0.1:1', {
      modelDefaults: model => ({ capabilities: { prefill: false, tools: model !== 'toolless' } }),
      facts: (id, model) =>
        model === 'big' ? { capabilities: { tools: false, contextWindow: id.length } } : undefined,
    })
    expect(provider.getCapabilities('big')).toMatchObject({
      dialect: 'toy',
      tools: false,
      prefill: false,
      contextWindow: 3,
    })
    expect(provider.getCapabilities('other')).toMatchObject({ streaming: true, tools: true, images: 'unknown' })
    expect(provider.getCapabilities('toolless').tools).toBe(false)
  })
})

describe('the other calls', () => {
  it('and capabilities name the dialect of each model, though nothing else is known of either', () => {
    const other = { ...protocol, dialect: 'other' }
    const provider = provide('http://127.0.0.1:9', { protocolFor: model => (model === 'b' ? other : protocol) })
    expect(['a', 'b', 'a'].map(model => provider.getCapabilities(model).dialect)).toEqual(['toy', 'other', 'toy'])
  })

  it('and capabilities name none where the requests decide', () => {
    const provider = provide('http://127.0.0.1:9', {
      protocolFor: (_, __, request) => (request === undefined ? undefined : protocol),
    })
    const capabilities = provider.getCapabilities('a')
    expect(capabilities).toMatchObject({ streaming: true, tools: 'unknown' })
    expect(capabilities).not.toHaveProperty('dialect')
    expect(provider.getCapabilities('a')).toBe(capabilities)
    expect(provider.getCapabilities('a')).toBe(provider.getCapabilities('a'))
  })

  it('list models and embed', async () => {
    const provider = provide(await answering('application/json', '[{"id":"m"}]'))
    expect(await provider.getModels()).toEqual([{ id: 'm' }])
    expect(await provider.embed?.({ model: 'e', input: ['a'] })).toEqual({ model: 'toy/e', embeddings: [[1]] })
    const { embeddings: _, ...without } = protocol
    const unable = provide('http://127.0.0.1:1', { protocol: without })
    expect(unable.embed).toBeUndefined()
    expect(unable.countTokens).toBeUndefined()
  })

  it('list models over all pages, and end where a page leads back', async () => {
    const pages: Record<string, string> = {
      '/models': '{"data":[{"id":"a"}],"next":"/models?after=a"}',
      '/models?after=a': '{"data":[{"id":"b"}],"next":"/models"}',
    }
    const paths: (string | undefined)[] = []
    const url = await serve(({ url: path = '' }, response) => {
      paths.push(path)
      response.writeHead(200, { 'content-type': 'application/json' }).end(pages[path])
    })
    const models: ModelListing = {
      path: '/models',
      read: body => (body as { data: { id: string }[] }).data,
      nextPage: body => (body as { next?: string }).next,
    }
    const provider = provide(url, { protocol: { ...protocol, models } })
    expect(await provider.getModels()).toEqual([{ id: 'a' }, { id: 'b' }])
    expect(paths).toEqual(['/models', '/models?after=a'])
  })

  it('ask for each model where the list says too little, a few at once and in its order', async () => {
    let asking = 0
    let most = 0
    const url = await serve(async (request, response) => {
      const answer = (body: unknown) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      if (request.method === 'GET') return answer(Array.from({ length: 9 }, (_, at) => ({ id: `m${at}` })))
      most = Math.max(most, ++asking)
      await delay(5)
      asking--
      return answer({ window: 42 })
    })
    const models: ModelListing = {
      path: '/models',
      read: body => body as { id: string }[],
      details: {
        encode: ({ id }) => ({ path: '/show', body: { model: id } }),
        read: (body, model) => ({ ...model, contextWindow: (body as { window: number }).window }),
      },
    }
    const found = await provide(url, { protocol: { ...protocol, models } }).getModels()
    expect(found).toEqual(Array.from({ length: 9 }, (_, at) => ({ id: `m${at}`, contextWindow: 42 })))
    expect(most).toBeGreaterThan(1)
    expect(most).toBeLessThanOrEqual(4)
  })

  it('list a model of which the server cannot tell more as it stands in the list', async () => {
    const url = await serve(async (request, response) => {
      const answer = (status: number, body: unknown) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      if (request.method === 'GET') return answer(200, [{ id: 'a' }, { id: 'broken' }, { id: 'b' }])
      const { model } = await received(request)
      return model === 'broken' ? answer(500, {}) : answer(200, {})
    })
    const listing = (kind: 'unavailable' | 'authentication'): WireProtocol => ({
      ...protocol,
      readError: () => new SwitchyardError(kind, 'No.'),
      models: {
        path: '/models',
        read: body => body as { id: string }[],
        details: {
          encode: ({ id }) => ({ path: '/show', body: { model: id } }),
          read: (_, model) => ({ ...model, contextWindow: 42 }),
        },
      },
    })
    expect(await provide(url, { protocol: listing('unavailable') }).getModels()).toEqual([
      { id: 'a', contextWindow: 42 },
      { id: 'broken' },
      { id: 'b', contextWindow: 42 },
    ])
    const refused = provide(url, { protocol: listing('authentication') })
    expect((await failure(refused.getModels())).kind).toBe('authentication')
  })

  it('count tokens where the dialect has a word for it', async () => {
    const url = await serve(async (request, response) => {
      const body = await received(request)
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ...body, tokens: 12 }))
    })
    const provider = provide(url, {
      model: 'usual',
      modelDefaults: { outputCapParameter: 'max_tokens' },
      protocol: {
        ...protocol,
        tokenCount: {
          encode: ({ messages }, { model, facts, strict }) => ({
            path: '/count',
            body: { model, cap: facts.outputCapParameter, strict, messages: messages.length },
          }),
          read: body => {
            expect(body).toEqual({ model: 'usual', cap: 'max_tokens', strict: true, messages: 1, tokens: 12 })
            return (body as { tokens: number }).tokens
          },
        },
      },
    })
    expect(await provider.countTokens?.({ messages: question.messages }, { strict: true })).toBe(12)
  })

  it('a redirect is no answer: it tells the origin to go to, and nothing else of the address', async () => {
    const url = await serve((_, response) =>
      response
        .writeHead(308, { location: 'https://user:word@elsewhere.example/v2?key=hidden', 'x-request-id': 'r1' })
        .end(),
    )
    for (const call of [provide(url).sendMessage(question), provide(url).getModels()]) {
      const error = await failure(call)
      expect(error).toMatchObject({ kind: 'protocol', status: 308, provider: 'toy', requestId: 'r1' })
      expect(error.message).toBe(
        'The server sends the call on to https://elsewhere.example: should the base URL be there?',
      )
    }
    const nowhere = await failure(provide(await serve((_, response) => response.writeHead(304).end())).getModels())
    expect(nowhere).toMatchObject({ kind: 'protocol', status: 304 })
  })

  it('initialize touches the network only to verify, and then says what is wrong and what to do', async () => {
    let requests = 0
    const url = await serve((_, response) => {
      requests++
      response.writeHead(404).end()
    })
    const notFound: WireProtocol = {
      ...protocol,
      readError: ({ status }) => new SwitchyardError('not-found', 'No such page.', { status }),
    }
    const provider = provide(url, { protocol: notFound })
    await provider.initialize()
    expect(requests).toBe(0)
    const error = await failure(provider.initialize({ verify: true }))
    expect(error).toMatchObject({ kind: 'not-found', status: 404 })
    expect(error.message).toBe(
      'Provider "toy" cannot be used: No such page. Check its base URL: it usually ends with /v1.',
    )
    const controller = new AbortController()
    controller.abort()
    const aborted = failure(provider.initialize({ verify: true, signal: controller.signal }))
    expect(await aborted).toMatchObject({ kind: 'aborted' })
    await provide(await answering('application/json', '[]')).initialize({ verify: true })
  })
})

describe('the end', () => {
  const silent = (onClose: () => void): Promise<string> =>
    serve((request, response) => {
      request.socket.once('close', onClose)
      response.setHeader('content-type', 'text/toy-stream')
      response.write('hel')
    })

  it('of a call by abort, by leaving the loop or by cancelling closes the socket', async () => {
    let closed = 0
    const url = await silent(() => closed++)
    const provider = provide(url)
    const controller = new AbortController()
    const aborted = await provider.sendMessage(question, { signal: controller.signal })
    const pending = failure(aborted.response())
    await delay(10)
    controller.abort()
    expect(await pending).toMatchObject({ kind: 'aborted' })
    for await (const chunk of await provider.sendMessage(question)) if (chunk.type === 'text-delta') break
    await (await provider.sendMessage(question)).cancel()
    await delay(30)
    expect(closed).toBe(3)
  })

  it("by the caller's own error as reason is that very error", async () => {
    const controller = new AbortController()
    const stream = await provide(await silent(() => {})).sendMessage(question, { signal: controller.signal })
    const reason = new SwitchyardError('timeout', 'too slow', { phase: 'idle' })
    const iterator = stream.batches()
    await iterator.next()
    const pending = failure(iterator.next())
    controller.abort(reason)
    expect(await pending).toBe(reason)
  })

  it('of the provider aborts its calls and refuses others', async () => {
    const provider = provide(await silent(() => {}))
    const pending = failure((await provider.sendMessage(question)).response())
    await provider.dispose()
    expect(await pending).toMatchObject({ kind: 'aborted' })
    const refused = await failure(provider.sendMessage(question))
    expect(refused.message).toBe('Provider "toy" is disposed: it takes no more calls.')
    expect(refused).toMatchObject({ kind: 'unavailable', provider: 'toy' })
    expect(await failure(provider.getModels())).toMatchObject({ kind: 'unavailable', message: /disposed/ })
    expect(await failure(provider.initialize())).toMatchObject({ kind: 'unavailable', message: /disposed/ })
    await provider.dispose()
  })

  it('of the provider aborts a call that an SDK is still preparing', async () => {
    const transport = createTransport()
    const provider = provide('http://127.0.0.1:9', {
      transport,
      async send({ path, about }) {
        await delay(20)
        return transport.request({ url: `http://127.0.0.1:9${path}`, about })
      },
    })
    const prepared = failure(provider.sendMessage(question))
    await provider.dispose()
    expect(await prepared).toMatchObject({ kind: 'aborted', provider: 'toy', model: 'm' })
  })

  it('of sockets lent to a provider makes it unavailable', async () => {
    const lender = createTransport()
    const provider = provide('http://127.0.0.1:9', { transport: lender.scope() })
    await lender.dispose()
    expect(await failure(provider.sendMessage(question))).toMatchObject({ kind: 'unavailable', message: /disposed/ })
  })

  it('of the provider by draining lets its calls finish', async () => {
    const url = await serve((_, response) => {
      response.setHeader('content-type', 'text/toy-stream')
      response.write('hel')
      setTimeout(() => response.end('lo!'), 50)
    })
    const provider = provide(url)
    const answer = (await provider.sendMessage(question)).response()
    await provider.dispose({ drain: true })
    expect((await answer).content).toEqual([{ type: 'text', text: 'hello!' }])
  })

  it('of the provider by draining waits for calls that are still being prepared', async () => {
    const url = await answering('text/toy-stream', 'hello!')
    const transport = createTransport()
    const provider = provide(url, {
      transport,
      async send({ path, about }) {
        await delay(20)
        return transport.request({ url: url + path, about })
      },
    })
    const answer = provider.sendMessage(question).then(stream => stream.response())
    await Promise.all([provider.dispose({ drain: true }), provider.dispose({ drain: true })])
    expect((await answer).content).toEqual([{ type: 'text', text: 'hello!' }])
  })

  it('of one user of shared sockets leaves the others alone, the end of the sockets ends all', async () => {
    const transport: Transport = createTransport()
    const url = await silent(() => {})
    const first = provide(url, { transport: transport.scope() })
    const second = provide(url, { transport: transport.scope() })
    const send = (provider: HttpProvider, scope: HttpProviderDefinition['transport']): Promise<unknown> =>
      failure(provider.sendMessage(question).then(stream => stream.response())).then(error => [
        error.kind,
        scope.inFlight,
      ])
    const one = send(first, transport)
    const other = send(second, transport)
    await delay(30)
    await first.dispose()
    expect(await one).toEqual(['aborted', 0])
    expect(await Promise.race([other, delay(20, 'alive')])).toBe('alive')
    await transport.dispose()
    expect(await other).toEqual(['aborted', 0])
    expect(() => transport.scope()).toThrow(/disposed/)
  })
})
