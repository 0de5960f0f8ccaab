import OpenAI from 'openai'
import type { ResponseInputItem } from 'openai/resources/responses/responses'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startSimulator } from '../simulator.ts'
import type { Simulator } from '../simulator-contract.ts'

let simulator: Simulator
let client: OpenAI
const input = 'Weather in Oslo and Rome?'
const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
const tools = [{ type: 'function' as const, name: 'get_weather', parameters, strict: false }]
const thinking = { model: 'gpt-sim-reasoning', store: false }

beforeAll(async () => {
  simulator = await startSimulator()
  client = new OpenAI({ baseURL: simulator.baseURL, apiKey: simulator.apiKey, maxRetries: 0 })
})

beforeEach(() => simulator.reset())

afterAll(() => simulator.close())

const refusal = (call: PromiseLike<unknown>) => Promise.resolve(call).catch((error: unknown) => error)

describe('the official client', () => {
  it('reads a whole answer', async () => {
    const answer = await client.responses.create({ model: 'gpt-sim', input: 'Hi' })
    expect(answer.output_text).toBe('This is a simulated answer from gpt-sim. You said: Hi')
    expect(answer).toMatchObject({ object: 'response', status: 'completed', error: null, incomplete_details: null })
    expect(answer.usage?.total_tokens).toBeGreaterThan(10)
    expect(simulator.bill.totals.outputTokens).toBe(answer.usage?.output_tokens)
  })

  it('puts a stream together to the same response', async () => {
    const body = { ...thinking, input, tools, reasoning: { effort: 'low', summary: 'auto' } } as const
    const whole = await client.responses.create(body)
    const streamed = await client.responses.stream(body).finalResponse()
    expect(streamed.output).toMatchObject(whole.output)
    expect(whole.output.map(item => item.type)).toEqual(['reasoning', 'function_call', 'function_call'])
    expect(streamed.usage).toEqual(whole.usage)
    expect(whole.usage?.output_tokens_details.reasoning_tokens).toBe(16)
    expect(simulator.bill.entries.map(entry => entry.outputTokens)).toEqual([
      whole.usage?.output_tokens,
      whole.usage?.output_tokens,
    ])
  })

  it('is told every event in its order, numbered from 0', async () => {
    const stream = await client.responses.create({ model: 'gpt-sim', input: 'Hi', stream: true })
    const events = []
    for await (const event of stream) events.push(event)
    expect(events.map(event => event.sequence_number)).toEqual(events.map((_, at) => at))
    const types = events.map(event => event.type).filter((type, at, all) => type !== all[at - 1])
    expect(types).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ])
  })

  it('goes on with tools, its reasoning sealed', async () => {
    const include = ['reasoning.encrypted_content' as const]
    const first = await client.responses.create({ ...thinking, include, input, tools })
    const outputs = first.output.flatMap(item =>
      item.type === 'function_call'
        ? [{ type: 'function_call_output' as const, call_id: item.call_id, output: '7 degrees' }]
        : [],
    )
    const items = [{ role: 'user' as const, content: input }, ...first.output, ...outputs] as ResponseInputItem[]
    const second = await client.responses.create({ ...thinking, input: items, tools })
    expect(second.output_text).toContain('The tools said: 7 degrees')
  })

  it('goes on from an answer that was kept, and from no other', async () => {
    const kept = await client.responses.create({ model: 'gpt-sim', input: 'Remember the word fjord.' })
    const next = await client.responses.create({ model: 'gpt-sim', input: 'Which?', previous_response_id: kept.id })
    expect(next.usage?.input_tokens).toBeGreaterThan(kept.usage?.total_tokens as number)
    const lost = await client.responses.create({ model: 'gpt-sim', input: 'Forget it.', store: false })
    const call = client.responses.create({ model: 'gpt-sim', input: 'What?', previous_response_id: lost.id })
    expect(await refusal(call)).toMatchObject({
      status: 400,
      code: 'previous_response_not_found',
      message: `400 Previous response with id '${lost.id}' not found.`,
    })
  })

  it('counts the tokens of an input', async () => {
    const body = { model: 'gpt-sim', input, tools, instructions: 'Be brief.' }
    const { input_tokens } = await client.responses.inputTokens.count(body)
    const { usage } = await client.responses.create(body)
    expect(input_tokens).toBe(usage?.input_tokens)
    const unknown = client.responses.inputTokens.count({ ...body, max_output_tokens: 20 } as object)
    expect(await refusal(unknown)).toMatchObject({ status: 400, code: 'unknown_parameter' })
  })

  it('meets an error in a stream as production sends it', async () => {
    simulator.script({ type: 'error-event', atEvent: 3, kind: 'rate-limit' })
    const stream = await client.responses.create({ model: 'gpt-sim', input: 'Hi', stream: true })
    const read = async () => {
      for await (const _ of stream);
    }
    expect(await refusal(read())).toMatchObject({ code: 'rate_limit_exceeded', type: 'requests' })
  })

  it('is cut at its limit, and says so', async () => {
    simulator.script({ type: 'answer', text: 'word '.repeat(40) })
    const answer = await client.responses.create({ model: 'gpt-sim', input: 'Go on.', max_output_tokens: 16 })
    expect(answer).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } })
    expect(answer.output).toMatchObject([{ type: 'message', status: 'incomplete' }])
    expect(answer.usage?.output_tokens).toBe(16)
  })
})

describe('a model that refuses function tools in chat completions', () => {
  const messages = [{ role: 'user' as const, content: input }]
  const functions = [{ type: 'function' as const, function: { name: 'get_weather', parameters } }]

  it('takes them in Responses', async () => {
    for (const model of ['gpt-sim-chat-tools', 'gpt-sim-responses']) {
      const answer = await client.responses.create({ model, input, tools })
      expect(answer.output.at(-1)).toMatchObject({ type: 'function_call', name: 'get_weather' })
    }
  })

  it('tells what to do, which may be not to think', async () => {
    const chat = (model: string, effort?: 'none' | 'low') =>
      client.chat.completions.create({ model, messages, tools: functions, ...(effort && { reasoning_effort: effort }) })
    const refused = (model: string) =>
      `400 Function tools with reasoning_effort are not supported for ${model} in /v1/chat/completions. To use function tools, use /v1/responses`
    for (const effort of ['low', undefined] as const) {
      expect(await refusal(chat('gpt-sim-chat-tools', effort))).toMatchObject({
        status: 400,
        param: 'reasoning_effort',
        message: `${refused('gpt-sim-chat-tools')} or set reasoning_effort to 'none'.`,
      })
    }
    expect((await chat('gpt-sim-chat-tools', 'none')).choices[0]?.finish_reason).toBe('tool_calls')
    expect(await refusal(chat('gpt-sim-responses'))).toMatchObject({ message: `${refused('gpt-sim-responses')}.` })
    expect(await refusal(chat('gpt-sim-responses', 'none'))).toMatchObject({ code: 'unsupported_value' })
  })
})

describe('what the real server would refuse', () => {
  const call = { type: 'function_call', call_id: 'call_1', name: 'get_weather', arguments: '{}' }
  const output = { type: 'function_call_output', call_id: 'call_1', output: '7' }
  const hi = { role: 'user', content: 'Hi' }

  async function refused(body: object): Promise<unknown> {
    return refusal(client.responses.create({ model: 'gpt-sim', input: 'Hi', ...body } as never))
  }

  async function thought(): Promise<readonly [Record<string, unknown>, Record<string, unknown>]> {
    const answer = await client.responses.create({ ...thinking, input: 'Hi' })
    return answer.output as unknown as readonly [Record<string, unknown>, Record<string, unknown>]
  }

  it('a call without its output, an output without its call, and either one twice', async () => {
    const cases: [unknown[], string][] = [
      [[hi, call], 'No tool output found for function call call_1.'],
      [[hi, output], 'No tool call found for function call output with call_id call_1.'],
      [[hi, call, output, output], 'Duplicate function call output for call_id call_1.'],
      [[hi, call, call, output], 'Duplicate function call with call_id call_1.'],
    ]
    for (const [items, message] of cases) {
      expect(await refused({ input: items })).toMatchObject({ status: 400, message: `400 ${message}`, param: 'input' })
    }
  })

  it('reasoning that nothing follows, and what followed reasoning without it', async () => {
    const [reasoning, message] = await thought()
    expect(await refused({ ...thinking, input: [hi, reasoning, hi] })).toMatchObject({
      message: `400 Item '${reasoning.id}' of type 'reasoning' was provided without its required following item.`,
    })
    expect(await refused({ ...thinking, input: [hi, message, hi] })).toMatchObject({
      message: `400 Item '${message.id}' of type 'message' was provided without its required 'reasoning' item: '${reasoning.id}'.`,
    })
    const { id: _, ...unnamed } = message
    const accepted = await client.responses.create({ ...thinking, input: [hi, unnamed, hi] } as never)
    expect(accepted).toMatchObject({ status: 'completed' })
  })

  it('reasoning that is not its own, was changed, or came unsealed', async () => {
    const [reasoning, message] = await thought()
    const sealed = String(reasoning.encrypted_content)
    for (const foreign of [
      'x',
      `${sealed.slice(0, -8)}AAAAAAA=`,
      `gAAAAAB${Buffer.from('{}.00').toString('base64')}`,
    ]) {
      const changed = { ...reasoning, encrypted_content: foreign }
      expect(await refused({ ...thinking, input: [hi, changed, message, hi] })).toMatchObject({
        status: 400,
        code: 'invalid_encrypted_content',
      })
    }
    const { encrypted_content: _, ...unsealed } = reasoning
    expect(await refused({ ...thinking, input: [hi, unsealed, message, hi] })).toMatchObject({
      status: 404,
      message: expect.stringContaining('Items are not persisted when `store` is set to false.'),
    })
  })

  it('fields and values that it does not know, each by its path', async () => {
    const image = { type: 'input_image', image_url: 'nowhere' }
    const cases: [object, string][] = [
      [
        { messages: [] },
        "Unsupported parameter: 'messages'. In the Responses API, this parameter has moved to 'input'",
      ],
      [{ response_format: {} }, "has moved to 'text.format'"],
      [{ stop: ['a'] }, "Unknown parameter: 'stop'."],
      [{ max_output_tokens: 15 }, "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16"],
      [{ max_output_tokens: 99_999 }, 'supports at most 16384 output tokens'],
      [{ temperature: 3 }, "Invalid 'temperature': decimal above maximum value."],
      [{ top_p: 'a' }, "Invalid type for 'top_p'"],
      [{ store: 1 }, "Invalid type for 'store'"],
      [{ max_output_tokens: 16.5 }, "Invalid type for 'max_output_tokens'"],
      [{ reasoning: { effort: 'low' } }, "Unsupported parameter: 'reasoning.effort'"],
      [{ model: 'gpt-sim-reasoning', reasoning: { effort: 'galactic' } }, "Unsupported value: 'galactic'"],
      [{ model: 'gpt-sim-reasoning', temperature: 0 }, "Unsupported parameter: 'temperature'"],
      [{ include: ['reasoning.encrypted_content'] }, 'Encrypted content is not supported with this model.'],
      [{ include: ['everything'] }, "Invalid value: 'everything'."],
      [{ include: 'all' }, "Invalid type for 'include'"],
      [{ metadata: { a: 1 } }, "Invalid type for 'metadata.a'"],
      [{ metadata: [] }, "Invalid type for 'metadata'"],
      [{ stream_options: {} }, "only allowed when 'stream' is enabled"],
      [{ conversation: 'conv_1' }, "does not know 'conversation'"],
      [{ background: true }, "does not know 'background'"],
      [{ input: null }, "Missing required parameter: 'input'."],
      [{ input: [] }, "Invalid 'input': empty array."],
      [{ input: 5 }, "Invalid type for 'input'"],
      [{ input: [{ type: 'sound' }] }, "Invalid value: 'sound'."],
      [{ input: [{ type: 'item_reference', id: 'msg_1' }] }, "Item with id 'msg_1' not found."],
      [{ input: [{ role: 'tool', content: '' }] }, "Invalid value: 'tool'."],
      [{ input: [{ role: 'user', content: null }] }, "Invalid type for 'input[0].content'"],
      [{ input: [{ role: 'user', content: 'a', name: 'Ann' }] }, "Unknown parameter: 'input[0].name'."],
      [{ input: [{ role: 'user', content: [{ type: 'output_text', text: '' }] }] }, "Invalid value: 'output_text'."],
      [{ input: [{ role: 'assistant', content: [{ type: 'input_text', text: '' }] }] }, "Invalid value: 'input_text'."],
      [{ input: [{ role: 'user', content: [image] }] }, "Invalid 'input[0].content[0].image_url'."],
      [{ input: [{ role: 'user', content: [{ ...image, image_url: 'https://a.b/c', detail: 'x' }] }] }, "value: 'x'."],
      [{ input: [{ role: 'user', content: [{ type: 'input_file' }] }] }, 'exactly one of'],
      [{ input: [{ role: 'user', content: [{ type: 'input_file', file_data: 'x' }] }] }, 'base64-encoded data URL'],
      [{ input: [{ ...call, id: 'call_1' }, output] }, "begins with 'fc'"],
      [{ input: [{ ...call, call_id: 'c'.repeat(65) }] }, 'string too long'],
      [{ input: [{ ...call, call_id: '' }] }, 'empty string'],
      [{ input: [call, { ...output, output: [{ type: 'input_audio' }] }] }, "Invalid value: 'input_audio'."],
      [{ input: [{ type: 'reasoning', id: 'rs_1' }] }, "Missing required parameter: 'input[0].summary'."],
      [{ input: [{ type: 'reasoning', id: 'rs_1', summary: [{ type: 'x' }] }] }, "Invalid value: 'x'."],
      [{ tools: [{ type: 'function', function: {} }] }, "Unknown parameter: 'tools[0].function'."],
      [{ tools: [{ type: 'function', name: 'a b' }] }, 'string does not match pattern'],
      [{ tools: [{ type: 'function', name: 'a', parameters: { type: 'array' } }] }, "Invalid schema for function 'a'"],
      [{ tools: [{ ...tools[0], strict: true }] }, "'additionalProperties' is required"],
      [{ tools: [{ type: 'teleport' }] }, "Invalid value: 'teleport'."],
      [{ tools, tool_choice: { type: 'function', name: 'b' } }, "'b' not found in 'tools'"],
      [{ tools, tool_choice: 'all' }, "Invalid value: 'all'."],
      [{ tool_choice: 'required' }, "must be specified with 'tools'"],
      [{ text: { format: { type: 'json_schema', name: 'a' } } }, "Missing required parameter: 'text.format.schema'."],
      [{ text: { format: { type: 'json_schema', name: 'a', schema: {}, strict: true } } }, 'Invalid schema'],
      [{ text: { format: { type: 'json_object' } } }, "must contain the word 'json'"],
      [{ text: { format: { type: 'xml' } } }, "Invalid value: 'xml'."],
      [{ model: 'text-embedding-sim' }, 'cannot be used with the Responses API'],
      [{ model: 'gpt-nope' }, 'does not exist'],
    ]
    for (const [body, message] of cases) {
      const error = await refused(body)
      expect(error, JSON.stringify(body)).toMatchObject({ message: expect.stringContaining(message) })
      expect((error as { readonly status: number }).status, message).toBeGreaterThanOrEqual(400)
    }
  })

  it('more than the context window has room for', async () => {
    expect(await refused({ model: 'gpt-sim-mini', input: 'word '.repeat(9_000) })).toMatchObject({
      status: 400,
      code: 'context_length_exceeded',
    })
  })
})
