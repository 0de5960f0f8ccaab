import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import { type Chain, createChain, isSwitchyardError, type MessageChunk, type SwitchyardError } from '@switchyard/core'
import { anthropicMessages, gemini, ollamaChat, openaiChat, openaiResponses } from '@switchyard/dialects'
import { createOpenAICompatible } from '@switchyard/openai-compatible'
import { type Fault, startSimulator } from '@switchyard/simulator'
import { Ollama } from 'ollama'
import OpenAI from 'openai'
import { describe, expect, onTestFinished, test } from 'vitest'

const answer =
  'The last train leaves at half past eleven; "wait" for 東京 🚉 beneath the clock, and be patient, please.'

/** A chain of two, the first of which breaks off after two thirds of its answer. */
async function brokenChain(...second: readonly Fault[]): Promise<Chain> {
  const simulators = [await startSimulator({ reply: answer }), await startSimulator({ reply: answer })]
  simulators[0]?.setFault({ type: 'cut', atEvent: 22 })
  simulators[1]?.setFault(second)
  const targets = simulators.map(({ baseURL, apiKey }, at) => ({
    provider: createOpenAICompatible({ id: `lab-${at}`, baseURL, apiKey }),
    model: 'gpt-sim',
  }))
  const chain = createChain({ id: 'trains', targets, retry: { attempts: 1 } })
  onTestFinished(async () => {
    await chain.dispose()
    for (const { provider } of targets) await provider.dispose()
    for (const simulator of simulators) await simulator.close()
  })
  return chain
}

interface Encoder {
  encode(batch: readonly MessageChunk[]): string
  error(error: SwitchyardError): string
}

/** Serves a chain's answers as a server of this dialect would. */
async function serve(chain: Chain, encoder: () => Encoder, type = 'text/event-stream'): Promise<string> {
  const server = createServer(async (request, response) => {
    request.resume()
    const encoding = encoder()
    response.writeHead(200, { 'content-type': type })
    try {
      const stream = await chain.sendMessage({ messages: [{ role: 'user', content: 'When?' }] })
      for await (const batch of stream.batches()) response.write(encoding.encode(batch))
      response.end()
    } catch (error) {
      response.end(isSwitchyardError(error) ? encoding.error(error) : undefined)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const apiKey = 'none'
const messages = [{ role: 'user' as const, content: 'When?' }]

/** What a client makes of a stream: its text so far, told piece by piece, and whether it was finished. */
type Reading = AsyncGenerator<string, boolean>

interface Client {
  readonly name: string
  readonly encoder: () => Encoder
  readonly type?: string
  read(url: string): Reading
}

const clients: readonly Client[] = [
  {
    name: 'OpenAI, chat completions',
    encoder: () => openaiChat.streamEncoder({ includeUsage: false }),
    async *read(url) {
      const client = new OpenAI({ baseURL: url, apiKey, maxRetries: 0 })
      let finished = false
      for await (const { choices } of await client.chat.completions.create({ model: 'm', messages, stream: true })) {
        yield choices[0]?.delta.content ?? ''
        finished ||= choices[0]?.finish_reason === 'stop'
      }
      return finished
    },
  },
  {
    name: 'OpenAI, responses',
    encoder: () => openaiResponses.streamEncoder({}),
    async *read(url) {
      const client = new OpenAI({ baseURL: url, apiKey, maxRetries: 0 })
      let finished = false
      for await (const event of await client.responses.create({ model: 'm', input: 'When?', stream: true })) {
        if (event.type === 'response.output_text.delta') yield event.delta
        if (event.type === 'response.completed') finished = event.response.status === 'completed'
      }
      return finished
    },
  },
  {
    name: 'Anthropic',
    encoder: () => anthropicMessages.streamEncoder({}),
    async *read(url) {
      const client = new Anthropic({ baseURL: url, apiKey, maxRetries: 0 })
      const stream = client.messages.stream({ model: 'm', max_tokens: 1_000, messages })
      let ended = false
      for await (const event of stream) {
        if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') yield event.delta.text
        ended ||= event.type === 'message_stop'
      }
      const { content, stop_reason } = await stream.finalMessage()
      // one block, as if there had been one answer
      return ended && stop_reason === 'end_turn' && content.length === 1
    },
  },
  {
    name: 'Ollama',
    encoder: () => ollamaChat.streamEncoder({}),
    type: 'application/x-ndjson',
    async *read(url) {
      const client = new Ollama({ host: url })
      let finished = false
      for await (const { message, done } of await client.chat({ model: 'm', messages, stream: true })) {
        yield message.content
        finished ||= done
      }
      return finished
    },
  },
  {
    name: 'Gemini',
    encoder: () => gemini.streamEncoder({}),
    async *read(url) {
      const client = new GoogleGenAI({ apiKey, httpOptions: { baseUrl: url } })
      let finished = false
      for await (const part of await client.models.generateContentStream({ model: 'm', contents: 'When?' })) {
        yield part.text ?? ''
        finished ||= part.candidates?.[0]?.finishReason === 'STOP'
      }
      return finished
    },
  },
]

describe.each(clients)('the official client of $name', ({ encoder, type, read }) => {
  test('reads an answer that another target went on with as one', async () => {
    const reading = read(await serve(await brokenChain(), encoder, type))
    let text = ''
    for (;;) {
      const { value, done } = await reading.next()
      if (done) {
        expect(value).toBe(true)
        break
      }
      text += value
    }
    expect(text).toBe(answer)
  })

  test('is told of a break that nobody could go on with, after the text so far', async () => {
    const chain = await brokenChain({ type: 'other-text', text: 'I do not know of any trains at all.' })
    const reading = read(await serve(chain, encoder, type))
    let text = ''
    const whole = async (): Promise<void> => {
      for await (const piece of reading) text += piece
    }
    await expect(whole()).rejects.toThrow(/other words/)
    expect(text.length).toBeGreaterThan(20)
    expect(answer.startsWith(text)).toBe(true)
  })
})
