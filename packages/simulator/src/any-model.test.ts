import { expect, test } from 'vitest'
import { startSimulator } from './simulator.ts'
import type { SimulatedApiName } from './simulator-contract.ts'

interface Ask {
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body: object
}

const messages = [{ role: 'user', content: 'Hi' }]
const bearer = { authorization: 'Bearer whatever' }
const chat = (path = '/chat/completions'): Ask => ({ path, headers: bearer, body: { model: 'unheard-of', messages } })
const input = { model: 'unheard-of', input: ['Hi'] }
const google = { 'x-goog-api-key': 'whatever' }
const content = { parts: [{ text: 'Hi' }] }

const answers = {
  openai: [
    chat(),
    { path: '/responses', headers: bearer, body: { model: 'unheard-of', input: 'Hi' } },
    { path: '/embeddings', headers: bearer, body: input },
  ],
  xai: [chat()],
  groq: [chat()],
  anthropic: [
    {
      path: '/v1/messages',
      headers: { 'x-api-key': 'whatever', 'anthropic-version': '2026-10-21' },
      body: { model: 'unheard-of', messages, max_tokens: 64_000 },
    },
  ],
  ollama: [
    { path: '/api/chat', headers: bearer, body: { model: 'unheard-of', messages, stream: false } },
    { path: '/api/embed', body: input },
  ],
  gemini: [
    { path: '/v1/models/unheard-of:generateContent', headers: google, body: { contents: [content] } },
    {
      path: '/v1/models/unheard-of:batchEmbedContents',
      headers: google,
      body: { requests: [{ model: 'models/unheard-of', content }] },
    },
  ],
} as const satisfies Readonly<Record<SimulatedApiName, readonly Ask[]>>

test.each(Object.entries<readonly Ask[]>(answers) as (readonly [SimulatedApiName, readonly Ask[]])[])(
  '%s takes any key and any model where it is told to, and neither where it is not',
  async (api, asks) => {
    for (const { path, headers, body } of asks) {
      const ask = async (baseURL: string) => {
        const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers } }
        return (await fetch(baseURL + path, { ...init, body: JSON.stringify(body) })).status
      }
      await using open = await startSimulator({ api, anyKey: true, anyModel: true })
      expect(await ask(open.baseURL), path).toBe(200)
      expect(open.requests[0]?.keyOk).toBe(true)
      await using strangers = await startSimulator({ api, anyKey: true })
      expect(await ask(strangers.baseURL), `${path}, of a model that is not there`).toBe(404)
      if (headers === undefined) continue
      await using locked = await startSimulator({ api, anyModel: true })
      expect([400, 401], `${path}, with a wrong key`).toContain(await ask(locked.baseURL))
    }
  },
)
