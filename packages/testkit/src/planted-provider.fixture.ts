import type { Message, MessageChunk, MessageRequest, MessageResponse } from '@switchyard/core/contract'
import { anthropicMessages, openaiChat, openaiResponses } from '@switchyard/dialects'
import { createTransport, HttpProvider, type WireProtocol } from '@switchyard/transport'
import type { ConformanceOptions } from './conformance.ts'

/** What is wrong with a provider: its protocol, or what it sends. */
export interface Defect {
  readonly protocol?: (good: WireProtocol) => WireProtocol
  /** How often each request is sent; default once. */
  readonly times?: number
  /** Hears of no abort. */
  readonly deaf?: boolean
  readonly countTokens?: (request: MessageRequest) => number
  readonly initialize?: (provider: HttpProvider, verify: boolean) => Promise<void>
}

const protocols: Readonly<Record<string, () => WireProtocol>> = {
  'openai-chat': () => openaiChat.protocol({ replayReasoning: false, mediaInToolResults: false }),
  'openai-responses': () => openaiResponses.protocol({}),
  'anthropic-messages': () => anthropicMessages.protocol({}),
}

/** A provider of ours with one thing wrong. */
export function planted(dialect: string, defect: Defect, more: Partial<ConformanceOptions> = {}): ConformanceOptions {
  return {
    dialect,
    ...more,
    create({ baseURL, apiKey, facts }) {
      const transport = createTransport()
      const good = protocols[dialect]?.()
      if (good === undefined) throw new TypeError(`No provider is planted for ${dialect}.`)
      const provider = new HttpProvider({
        id: 'planted',
        protocol: defect.protocol?.(good) ?? good,
        transport,
        secrets: [apiKey],
        facts,
        modelDefaults: { outputCapParameter: 'max_completion_tokens' },
        async send({ method, path, body, headers, signal, timeouts, about }) {
          const request = {
            url: baseURL + path,
            method,
            headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}`, ...headers },
            ...(!defect.deaf && { signal }),
            timeouts,
            about,
            ...(body !== undefined && { body: JSON.stringify(body) }),
          }
          for (let time = 1; time < (defect.times ?? 1); time++) {
            const { body } = await transport.request(request)
            await body.cancel()
          }
          return transport.request(request)
        },
      })
      const { initialize } = defect
      if (initialize) provider.initialize = ({ verify = false } = {}) => initialize(provider, verify)
      const { countTokens } = defect
      if (countTokens) Object.assign(provider, { countTokens: async (request: MessageRequest) => countTokens(request) })
      return provider
    },
  }
}

/** Changes what is asked before it is encoded. */
export function asking(change: (request: MessageRequest) => MessageRequest): Defect {
  return {
    protocol: good => ({
      ...good,
      encodeRequest: (request, options) => good.encodeRequest(change(request), options),
    }),
  }
}

/** Changes the messages before they are encoded. */
export function saying(change: (message: Message) => readonly Message[]): Defect {
  return asking(request => ({ ...request, messages: request.messages.flatMap(change) }))
}

/** Changes a whole answer after it was read. */
export function reading(change: (response: MessageResponse) => MessageResponse): Defect {
  return { protocol: good => ({ ...good, readWhole: (body, facts) => change(good.readWhole(body, facts)) }) }
}

/** Reads a stream to its end before it tells anything, and tells other chunks. */
export function telling(change: (chunks: readonly MessageChunk[]) => readonly MessageChunk[]): Defect {
  return {
    protocol: good => ({
      ...good,
      readStream(body, facts) {
        const source = good.readStream(body, facts)
        let told = false
        const read = async () => {
          if (told) return undefined
          const chunks: MessageChunk[] = []
          for (let more = await source.read(); more !== undefined; more = await source.read()) chunks.push(...more)
          told = true
          return change(chunks)
        }
        return { read, cancel: reason => source.cancel(reason) }
      },
    }),
  }
}

/** Counts tokens without asking anybody. */
export function counting(countTokens: (request: MessageRequest) => number): Defect {
  return { countTokens }
}
