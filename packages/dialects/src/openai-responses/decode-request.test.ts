import type { SwitchyardError } from '@switchyard/core/contract'
import { describe, expect, test } from 'vitest'
import { decodeRequest } from './decode-request.ts'

const hi = { role: 'user', content: 'Hi' }
const call = { type: 'function_call', call_id: 'call_1', name: 'weather', arguments: '{}' }
const output = { type: 'function_call_output', call_id: 'call_1', output: '7' }
const request = (body: object) => decodeRequest({ model: 'm', input: 'Hi', ...body })

function refusal(body: unknown, options = {}): SwitchyardError {
  try {
    decodeRequest(body, options)
  } catch (error) {
    return error as SwitchyardError
  }
  return expect.fail('it should have been refused')
}

describe('a request', () => {
  test('is read as a conversation of ours', () => {
    const { extra: _, ...decoded } = request({
      instructions: 'Be brief.',
      input: [
        hi,
        { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Hm.' }], encrypted_content: 'x' },
        {
          type: 'message',
          id: 'msg_1',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text: 'Wait.' }],
        },
        call,
        output,
        { role: 'developer', content: 'Now.' },
      ],
      tools: [{ type: 'function', name: 'weather', parameters: { type: 'object' }, strict: false }],
      tool_choice: { type: 'function', name: 'weather' },
      reasoning: { effort: 'low' },
      text: { format: { type: 'json_object' } },
      max_output_tokens: 20,
      stream: true,
    })
    expect(decoded).toEqual({
      model: 'm',
      stream: true,
      maxOutputTokens: 20,
      reasoningEffort: 'low',
      responseFormat: { type: 'json' },
      tools: [{ name: 'weather', parameters: { type: 'object' } }],
      toolChoice: { type: 'tool', name: 'weather' },
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hi' },
        {
          role: 'assistant',
          content: [
            {
              type: 'reasoning',
              text: 'Hm.',
              signature: 'x',
              origin: 'openai-responses',
              extra: { 'openai-responses': { id: 'rs_1' } },
            },
            {
              type: 'text',
              text: 'Wait.',
              extra: {
                'openai-responses': { item: { type: 'message', id: 'msg_1', status: 'completed', after: 'rs_1' } },
              },
            },
            { type: 'tool-call', id: 'call_1', name: 'weather', input: {} },
          ],
        },
        { role: 'tool', content: [{ type: 'tool-result', callId: 'call_1', content: '7' }] },
        { role: 'system', content: 'Now.' },
      ],
    })
  })

  test('may name no model where there is a default, and need no input where the server keeps some', () => {
    expect(decodeRequest({ input: 'Hi' }, { defaultModel: 'd' }).model).toBe('d')
    expect(request({ input: undefined, previous_response_id: 'resp_1' }).messages).toEqual([])
    expect(request({ input: undefined, prompt: { id: 'p' } }).messages).toEqual([])
    const answered = request({ input: [output], conversation: 'conv_1' })
    expect(answered.messages).toMatchObject([{ role: 'tool', content: [{ callId: 'call_1' }] }])
  })

  test('is bound to this dialect where it says what no other can, and not by hints', () => {
    expect(request({ store: true, previous_response_id: 'r', background: true }).boundTo).toEqual({
      dialect: 'openai-responses',
      fields: ['store', 'previous_response_id', 'background'],
    })
    expect(
      request({
        input: [
          { type: 'item_reference', id: 'msg_1' },
          { ...hi, mood: 'calm' },
        ],
        tools: [{ type: 'web_search' }, { type: 'function', name: 'f', defer_loading: true }],
        tool_choice: { type: 'web_search' },
        text: { format: { type: 'grammar' } },
        reasoning: { effort: 'galactic' },
        include: ['file_search_call.results'],
        top_logprobs: 2,
      }).boundTo?.fields,
    ).toEqual([
      'input[0]',
      'input[1].mood',
      'tools[0]',
      'tools[1].defer_loading',
      'tool_choice',
      'text.format',
      'reasoning.effort',
      'include',
      'top_logprobs',
    ])
    const hints = {
      store: false,
      background: false,
      include: ['reasoning.encrypted_content'],
      top_logprobs: 0,
      truncation: 'auto',
      reasoning: { summary: 'auto' },
      text: { verbosity: 'low' },
      user: 'u',
    }
    expect(request(hints).boundTo).toBeUndefined()
  })

  test('may hold images and files, up to a size', () => {
    const image = { type: 'input_image', image_url: 'data:image/png;base64,aGVsbG8=' }
    const input = [{ role: 'user', content: [image, { type: 'input_file', file_url: 'https://a.example/a.pdf' }] }]
    expect(request({ input }).messages[0]?.content).toEqual([
      { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'aGVsbG8=' } },
      { type: 'document', source: { type: 'url', url: 'https://a.example/a.pdf' } },
    ])
    expect(refusal({ model: 'm', input }, { maxMediaBytes: 4 })).toMatchObject({
      param: 'input[0].content[0].image_url',
      code: 'image_too_large',
    })
  })
})

describe('a malformed request is refused with the place and the cure', () => {
  const part = (more: object, role = 'user') => ({ input: [{ role, content: [more] }] })
  const tool = (more: object) => ({ tools: [{ type: 'function', name: 'f', ...more }] })
  const thought = (more: object) => ({ input: [{ type: 'reasoning', id: 'rs_1', summary: [], ...more }, hi] })
  const cases: [object, string, string][] = [
    [{ model: '' }, 'model', 'name the model'],
    [{ model: 5 }, 'model', 'must be a string'],
    [{ input: undefined }, 'input', 'send a string or a list of items'],
    [{ input: undefined, messages: [hi] }, 'messages', 'is a word of chat completions; send input.'],
    [{ input: 5 }, 'input', 'must be a string or a list of items, and is a number.'],
    [{ input: ['Hi'] }, 'input[0]', 'must be an object'],
    [{ input: [{}] }, 'input[0].type', 'is missing'],
    [{ input: [{ role: 'tool', content: '' }] }, 'input[0].role', 'it must be user, assistant, system or developer.'],
    [{ input: [{ role: 'user', content: 5 }] }, 'input[0].content', 'must be a string or a list'],
    [{ input: [{ role: 'assistant', content: [] }] }, 'input[0].content', 'must be a string or a list'],
    [part({ type: 'input_text' }), 'input[0].content[0].text', 'must be a string'],
    [part({ type: 'output_text', text: '' }), 'input[0].content[0].type', 'send "input_text".'],
    [part({ type: 'input_text', text: '' }, 'assistant'), 'input[0].content[0].type', 'send "output_text".'],
    [part({ type: 'refusal' }, 'assistant'), 'input[0].content[0].refusal', 'must be a string'],
    [part({ type: 'input_image' }), 'input[0].content[0]', 'must have image_url or file_id, and not both.'],
    [part({ type: 'input_image', image_url: 'nowhere' }), 'input[0].content[0].image_url', 'http(s) URL'],
    [part({ type: 'input_image', image_url: 'https://a.b/c' }, 'system'), 'input[0].content[0].type', 'in role "user"'],
    [part({ type: 'input_file' }), 'input[0].content[0]', 'must have one of file_data, file_url and file_id.'],
    [part({ type: 'input_file', file_data: 'x' }), 'input[0].content[0].file_data', 'malformed data URL'],
    [part({ type: 'input_file', file_id: 'f' }, 'developer'), 'input[0].content[0].type', 'in role "user"'],
    [{ input: [hi, call] }, 'input[1].call_id', 'send a function_call_output of this call_id after it.'],
    [{ input: [hi, output] }, 'input[1].call_id', 'answers no function_call before it'],
    [{ input: [call, call, output] }, 'input[1].call_id', 'is used twice'],
    [{ input: [call, output, output] }, 'input[2].call_id', 'is answered already'],
    [{ input: [{ ...call, call_id: '' }] }, 'input[0].call_id', 'is empty'],
    [{ input: [{ ...call, name: '' }] }, 'input[0].name', 'is empty'],
    [{ input: [{ ...call, arguments: {} }] }, 'input[0].arguments', 'must be a string'],
    [thought({ summary: undefined }), 'input[0].summary', 'is missing; send a list, which may be empty.'],
    [thought({ summary: [{}] }), 'input[0].summary[0].text', 'must be a string'],
    [thought({ content: 'x' }), 'input[0].content', 'must be a list'],
    [thought({ encrypted_content: 5 }), 'input[0].encrypted_content', 'must be a string'],
    [{ instructions: 5 }, 'instructions', 'must be a string'],
    [{ max_output_tokens: 15 }, 'max_output_tokens', 'must be at least 16, and is 15.'],
    [{ temperature: 3 }, 'temperature', 'must be from 0 to 2'],
    [{ metadata: { a: 1 } }, 'metadata.a', 'must be a string'],
    [{ tools: {} }, 'tools', 'must be a list'],
    [tool({ name: 'a b' }), 'tools[0].name', '1 to 64 letters'],
    [tool({ parameters: [] }), 'tools[0].parameters', 'must be an object'],
    [tool({ strict: 'yes' }), 'tools[0].strict', 'must be true or false'],
    [{ ...tool({}), tool_choice: { type: 'function', name: 'g' } }, 'tool_choice', 'names the tool "g"'],
    [{ ...tool({}), tool_choice: { type: 'function' } }, 'tool_choice.name', 'must name a function of tools.'],
    [{ tool_choice: 'all' }, 'tool_choice', 'is "all"; it must be'],
    [{ tool_choice: 5 }, 'tool_choice', 'is a number; it must be'],
    [{ tool_choice: {} }, 'tool_choice.type', 'is missing'],
    [{ tool_choice: 'required' }, 'tool_choice', 'send tools with it.'],
    [{ text: 'x' }, 'text', 'must be an object'],
    [{ text: { format: { type: 'json_schema', name: 'a' } } }, 'text.format.schema', 'send the JSON Schema'],
    [{ text: { format: { type: 'json_schema', name: 'a b' } } }, 'text.format.name', '1 to 64 letters'],
    [{ reasoning: 'low' }, 'reasoning', 'must be an object'],
    [{ include: 'all' }, 'include', 'must be a list'],
    [{ include: [5] }, 'include[0]', 'must be a string'],
    [{ stream_options: {} }, 'stream_options', 'is only taken with stream: true.'],
    [{ store: 'no' }, 'store', 'must be true or false'],
    [{ previous_response_id: 'r', conversation: 'c' }, 'previous_response_id', 'may not be sent beside conversation'],
  ]
  test.each(cases)('%j', (body, param, cure) => {
    const error = refusal({ model: 'm', input: 'Hi', ...body })
    expect(error).toMatchObject({ kind: 'invalid-request', param })
    expect(error.message).toContain(cure)
  })

  test('a body that is no object', () => {
    expect(refusal('Hi')).toMatchObject({ kind: 'invalid-request', param: 'body' })
  })
})
