import { parseConfig } from '@switchyard/config'
import { startSimulator } from '@switchyard/simulator'
import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { startGateway } from './start-gateway.ts'
import { testDataDirectory } from './testing/data-directory.ts'

type Messages = OpenAI.ChatCompletionMessageParam[]

const tools: OpenAI.ChatCompletionTool[] = [
  {
    type: 'function',
    function: {
      name: 'get_weather',
      parameters: {
        type: 'object',
        properties: { city: { type: 'string' } },
        required: ['city'],
        additionalProperties: false,
      },
    },
  },
]

interface Row {
  readonly name: string
  readonly api: 'gemini' | 'anthropic' | 'openai'
  /** What goes back to the provider, in its own words. */
  readonly proof: string
  readonly facts: string
}

const rows: readonly Row[] = [
  { name: 'Gemini', api: 'gemini', proof: 'thoughtSignature', facts: '{ thinking: effort }' },
  { name: 'Anthropic', api: 'anthropic', proof: '"signature"', facts: '{ thinking: effort }' },
  { name: 'OpenAI', api: 'openai', proof: 'encrypted_content', facts: '{ toolsInChatCompletions: never }' },
]

describe('a client of chat completions goes on with a model that wants its thoughts back', () => {
  test.each(
    rows.flatMap(row => [true, false].map(stream => ({ ...row, stream, form: stream ? 'streamed' : 'whole' }))),
  )('$name, $form', async ({ api, proof, facts, stream }) => {
    await using simulator = await startSimulator({ api })
    const model = `it/${simulator.models.reasoning}`
    const config = parseConfig(`
providers: { it: { type: ${api}, baseURL: "${simulator.baseURL}", apiKey: "${simulator.apiKey}" } }
models: { ${model}: ${facts} }
`)
    await using data = await testDataDirectory()
    await using gateway = await startGateway({ config, dataDirectory: data.path, port: 0 })
    const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'none', maxRetries: 0 })
    const ask = async (messages: Messages) => {
      const body = { model, messages, tools, reasoning_effort: 'low', max_completion_tokens: 4_000 } as const
      if (!stream) return (await client.chat.completions.create(body)).choices[0]?.message
      return (await client.chat.completions.stream(body).finalChatCompletion()).choices[0]?.message
    }
    const messages: Messages = [{ role: 'user', content: 'What is the weather in Oslo and Rome?' }]
    const called = await ask(messages)
    expect(called?.tool_calls).toHaveLength(2)
    for (const call of called?.tool_calls ?? []) {
      if (messages.length === 1) {
        // as an application keeps it: what it knows, and nothing else
        const { role, content, tool_calls } = called as OpenAI.ChatCompletionMessage
        messages.push({ role, content, tool_calls } as OpenAI.ChatCompletionAssistantMessageParam)
      }
      messages.push({ role: 'tool', tool_call_id: call.id, content: '7 degrees' })
    }
    const answer = await ask(messages)
    expect(answer?.content).toContain('7 degrees')
    expect(JSON.stringify(simulator.requests.at(-1)?.body)).toContain(proof)
    expect(simulator.requestCount).toBe(2)
  })
})
