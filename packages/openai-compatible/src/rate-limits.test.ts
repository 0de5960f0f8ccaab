import type { RateLimits } from '@switchyard/core/contract'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createOpenAICompatible, groq, xai } from './index.ts'
import { chunk, json, serve } from './server.fixture.ts'

const told = {
  'x-ratelimit-limit-requests': '100',
  'x-ratelimit-remaining-requests': '99',
  'x-ratelimit-reset-requests': '600ms',
  'x-ratelimit-limit-tokens': '5000',
  'x-ratelimit-remaining-tokens': '0',
  'x-ratelimit-reset-tokens': '1m0s',
}
const tokens = { limit: 5_000, remaining: 0, resetMs: 60_000, windowMs: 60_000 }
const requests = { limit: 100, remaining: 99, resetMs: 600 }
const messages = [{ role: 'user' as const, content: 'Hi' }]

describe("what headers say of a server's limits", () => {
  it.each([
    ['any server', createOpenAICompatible, 60_000],
    ['xAI', xai, 60_000],
    ['Groq, which counts requests by the day', groq, 86_400_000],
  ] as const)('is told of answers, streams and refusals of %s', async (_, create, windowMs) => {
    const { url } = await serve(({ body }, response) => {
      for (const [name, value] of Object.entries(told)) response.setHeader(name, value)
      if (body.stream === true) {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.end(`${chunk({ content: 'Hi' }, 'stop')}data: [DONE]\n\n`)
      } else if (body.model === 'busy') json(response, { error: { message: 'Slow down.' } }, 429)
      else json(response, { choices: [{ index: 0, message: { content: 'Hi' }, finish_reason: 'stop' }] })
    })
    const provider = create({ id: 'lab', baseURL: url, apiKey: 'k' })
    onTestFinished(() => provider.dispose())
    const heard: RateLimits[] = []
    const context = { onRateLimits: (limits: RateLimits) => void heard.push(limits) }
    await (await provider.sendMessage({ model: 'm', messages }, context)).response()
    await (await provider.sendMessage({ model: 'm', messages, stream: false }, context)).response()
    await expect(provider.sendMessage({ model: 'busy', messages, stream: false }, context)).rejects.toMatchObject({
      kind: 'rate-limit',
    })
    expect(heard).toEqual(Array(3).fill({ requests: { ...requests, windowMs }, tokens }))
  })

  it('is nothing where they say nothing', async () => {
    const { url } = await serve((_, response) =>
      json(response, { choices: [{ index: 0, message: { content: 'Hi' }, finish_reason: 'stop' }] }),
    )
    for (const create of [createOpenAICompatible, groq]) {
      const provider = create({ id: 'lab', baseURL: url, apiKey: 'k' })
      onTestFinished(() => provider.dispose())
      const onRateLimits = () => expect.fail('it was told')
      await provider.sendMessage({ model: 'm', messages, stream: false }, { onRateLimits })
    }
  })
})
