import { parseConfig } from '@switchyard/config'
import { type SimulatedAnswer, type Simulator, startSimulator } from '@switchyard/simulator'
import OpenAI from 'openai'
import type { RequestRecord } from '../request-log.ts'
import { type Gateway, startGateway } from '../start-gateway.ts'
import { testDataDirectory } from './data-directory.ts'

const firstPieces = ['Der ', 'erste ', 'antwortet: ', '"Grüße', ' aus 東京" ', '🚉', ' at once.']
const secondPieces = ['The second', ' answers, {"exactly": ["this"]}', '\n\n', 'ünd 二 lines.']

/** What the first target says when nothing is wrong with it, and the second always. */
export const firstText = firstPieces.join('')
export const secondText = secondPieces.join('')

export type ProviderType = 'openai' | 'openai-compatible'

export interface TwoTargets extends AsyncDisposable {
  readonly first: Simulator
  readonly second: Simulator
  readonly gateway: Gateway
  /** The official client, its own retries off. */
  readonly client: OpenAI
  readonly log: readonly RequestRecord[]
}

export interface TwoTargetsOptions {
  readonly type?: ProviderType
  /** YAML flow mappings. */
  readonly retry?: string
  readonly timeouts?: string
  readonly circuitBreaker?: string
  readonly server?: string
  readonly models?: string
  readonly reply?: SimulatedAnswer
  /** What the second target says. */
  readonly secondReply?: SimulatedAnswer
  /** YAML lines of more chains. */
  readonly chains?: string
  /** More of the configuration, each line a section of its own. */
  readonly more?: string
  /** Outlives it; default: one of its own. */
  readonly dataDirectory?: string
  /** What the client presents as its key. */
  readonly apiKey?: string
}

/** A gateway whose chain `pair` asks one simulated provider, then the other; waits are short. */
export async function startTwoTargets(options: TwoTargetsOptions = {}): Promise<TwoTargets> {
  const { type = 'openai-compatible', reply = { type: 'answer', pieces: firstPieces } } = options
  const first = await startSimulator({ anyModel: true, reply, markSimulated: false })
  const { secondReply = { type: 'answer', pieces: secondPieces } } = options
  const second = await startSimulator({ anyModel: true, reply: secondReply })
  const config = parseConfig(`
server: ${options.server ?? '{ port: 0 }'}
providers:
  first: { type: ${type}, baseURL: "${first.baseURL}", apiKey: ${first.apiKey} }
  second: { type: openai-compatible, baseURL: "${second.baseURL}", apiKey: ${second.apiKey} }
defaults:
  retry: ${options.retry ?? '{ attempts: 2, baseDelay: 5ms, maxDelay: 20ms }'}
  timeouts: ${options.timeouts ?? '{ connect: 5s, firstToken: 1s, idle: 1s, total: 20s }'}
  circuitBreaker: ${options.circuitBreaker ?? '{}'}
chains:
  pair: { targets: [first/model-a, second/model-b] }
${options.chains ?? ''}
aliases: { gpt-4: pair }
models: ${options.models ?? '{}'}
${options.more ?? ''}
`)
  const log: RequestRecord[] = []
  const data = await testDataDirectory()
  const dataDirectory = options.dataDirectory ?? data.path
  const gateway = await startGateway({ config, dataDirectory, log: record => log.push({ ...record }) })
  return {
    first,
    second,
    gateway,
    log,
    client: new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: options.apiKey ?? 'none', maxRetries: 0 }),
    async [Symbol.asyncDispose]() {
      await gateway.close({ graceMs: 0 })
      await first.close()
      await second.close()
      await data[Symbol.asyncDispose]()
    },
  }
}

export const hello = { model: 'pair', messages: [{ role: 'user' as const, content: 'Hello?' }] }

/** A whole answer's text, by the official client. */
export async function wholeText(client: OpenAI, model = 'pair'): Promise<string> {
  const answer = await client.chat.completions.create({ ...hello, model })
  return answer.choices[0]?.message.content ?? ''
}

/** A streamed answer's text, by the official client; complete only with a finish reason. */
export async function streamedText(client: OpenAI, model = 'pair'): Promise<string> {
  const stream = await client.chat.completions.create({ ...hello, model, stream: true })
  let text = ''
  let finished = false
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? ''
    finished ||= chunk.choices[0]?.finish_reason === 'stop'
  }
  if (!finished) throw new Error('the stream ended without a finish reason')
  return text
}
