import type { MessageRequest, ToolChoice } from '@switchyard/core/contract'
import { describe, expect, test } from 'vitest'
import { Dropped } from './dropped.ts'
import { unforcedRequest } from './forced-tool-choice.ts'
import { encodeRequest as encodeChat } from './openai-chat/encode-request.ts'
import { encodeRequest as encodeResponses } from './openai-responses/encode-request.ts'

const request: MessageRequest = { messages: [{ role: 'user', content: 'Hi' }], tools: [{ name: 'look' }] }
const facts = { forcedToolChoice: false }

describe('a model that cannot be made to call a tool', () => {
  test.each<[ToolChoice, ToolChoice]>([
    [{ type: 'required' }, { type: 'auto' }],
    [{ type: 'tool', name: 'look' }, { type: 'auto' }],
    [
      { type: 'allowed', names: ['look'], required: true },
      { type: 'allowed', names: ['look'], required: false },
    ],
  ])('is left free where %j was asked, with a warning', (toolChoice, free) => {
    const dropped = new Dropped('m', false)
    expect(unforcedRequest({ ...request, toolChoice }, facts, dropped).toolChoice).toEqual(free)
    expect(dropped.warnings.map(({ setting }) => setting)).toEqual(['toolChoice'])
    const strict = () => unforcedRequest({ ...request, toolChoice }, facts, new Dropped('m', true))
    expect(strict).toThrow(expect.objectContaining({ kind: 'unsupported', param: 'toolChoice' }))
  })

  test.each<[string, MessageRequest, object]>([
    ['nothing was forced', { ...request, toolChoice: { type: 'allowed', names: ['look'], required: false } }, facts],
    ['nothing was said', request, facts],
    ['there is no tool', { messages: request.messages, toolChoice: { type: 'required' } }, facts],
    ['the model can be', { ...request, toolChoice: { type: 'required' } }, {}],
    [
      'it takes no choice at all',
      { ...request, toolChoice: { type: 'required' } },
      { ...facts, capabilities: { toolChoice: false } },
    ],
  ])('is asked as it was where %s', (_, asked, known) => {
    const dropped = new Dropped('m', true)
    expect(unforcedRequest(asked, known, dropped)).toBe(asked)
  })

  test.each([
    ['openai-chat', encodeChat],
    ['openai-responses', encodeResponses],
  ])('is not made to in %s', (_, encode) => {
    const { body, warnings } = encode(
      { ...request, toolChoice: { type: 'required' } },
      { model: 'm', stream: false, facts },
    )
    expect(body.tool_choice).toBe('auto')
    expect(warnings.map(({ setting }) => setting)).toEqual(['toolChoice'])
  })
})
