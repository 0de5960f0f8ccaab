import { parseConfig } from '@switchyard/config'
import { type SimulatedApiName, type Simulator, startSimulator } from '@switchyard/simulator'
import OpenAI from 'openai'
import { describe, expect, test, vi } from 'vitest'
import { startGateway } from './start-gateway.ts'
import { testDataDirectory } from './testing/data-directory.ts'
import { longText, seenStream } from './testing/long-answer.ts'

vi.setConfig({ testTimeout: 60_000 })

interface Provider {
  readonly api: SimulatedApiName
  readonly settings?: string
}

// on their official clients; OpenAI in both of its dialects
const providers: Readonly<Record<string, Provider>> = {
  'OpenAI, chat completions': { api: 'openai', settings: ', api: chat-completions' },
  'OpenAI, responses': { api: 'openai', settings: ', api: responses' },
  Anthropic: { api: 'anthropic' },
  Ollama: { api: 'ollama' },
  Gemini: { api: 'gemini' },
}

const answer = { type: 'answer', text: longText } as const

async function between(
  [first, second]: readonly [Provider, Provider],
  use: (client: OpenAI, one: Simulator, other: Simulator) => Promise<void>,
): Promise<void> {
  const one = await startSimulator({ api: first.api, reply: answer })
  const other = await startSimulator({ api: second.api, reply: answer })
  const { usual, prefill = usual } = other.models
  const section = ({ api, settings = '' }: Provider, { baseURL, apiKey }: Simulator) =>
    `{ type: ${api}, baseURL: "${baseURL}", apiKey: "${apiKey}"${settings} }`
  const config = parseConfig(`
providers: { one: ${section(first, one)}, other: ${section(second, other)} }
defaults: { retry: { attempts: 1 }, timeouts: { firstToken: 5s, idle: 5s } }
models: { other/${prefill}: { capabilities: { prefill: true } } }
chains:
  again: { targets: [one/${one.models.usual}, other/${usual}] }
  prefilled: { targets: [one/${one.models.usual}, other/${prefill}] }
`)
  const data = await testDataDirectory()
  const gateway = await startGateway({ config, dataDirectory: data.path, port: 0 })
  try {
    await use(new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'none', maxRetries: 0 }), one, other)
  } finally {
    await gateway.close({ graceMs: 0 })
    for (const one of [data, { [Symbol.asyncDispose]: () => other.close() }]) await one[Symbol.asyncDispose]()
    await one.close()
  }
}

const pairs = Object.entries(providers).flatMap(([from, first], at) => {
  // to each, and from each
  const [to, second] = Object.entries(providers)[(at + 1) % Object.keys(providers).length] as [string, Provider]
  return [{ from, to, pair: [first, second] as const }]
})

describe.each(pairs)('an answer of $from that is cut at two thirds', ({ to, pair }) => {
  test(`ends whole and exact with ${to}`, async () => {
    await between(pair, async (client, one, other) => {
      // in events of whatever size: by what the text weighs on the wire
      const whole = await seenStream({ client }, { model: 'again', max_tokens: 1_000 })
      expect(whole).toMatchObject({ text: longText, finishReason: 'stop' })
      const bytes = one.requests[0]?.bytesSent ?? 0
      for (const model of ['again', 'prefilled']) {
        one.setFault({ type: 'cut', atByte: Math.floor((bytes * 2) / 3) })
        const before = other.requestCount
        const seen = await seenStream({ client }, { model, max_tokens: 1_000 })
        expect(seen).toMatchObject({ text: longText, finishReason: 'stop', error: undefined })
        expect(seen.models.map(name => name.split('/')[0])).toEqual(['one', 'other'])
        expect(other.requestCount).toBeGreaterThan(before)
      }
      expect(
        await client.chat.completions.create({
          model: 'again',
          max_tokens: 1_000,
          messages: [{ role: 'user', content: 'When?' }],
        }),
      ).toMatchObject({ choices: [{ message: { content: longText } }] })
    })
  })
})
