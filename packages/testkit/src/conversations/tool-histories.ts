import type { Message, ToolCallPart, ToolResultPart } from '@switchyard/core/contract'
import { pixel } from '../media.ts'
import { type Conversation, tools } from './conversation.ts'

const question: Message = { role: 'user', content: 'Weather in Oslo and Rome?' }
const longId = `toolu_${'0123456789abcdef'.repeat(4)}`.slice(0, 64)

function call(id: string, city: string): ToolCallPart {
  return { type: 'tool-call', id, name: 'get_weather', input: { city } }
}

function result(
  callId: string,
  content: ToolResultPart['content'],
  more: Partial<ToolResultPart> = {},
): ToolResultPart {
  return { type: 'tool-result', callId, content, ...more }
}

function history(name: string, ...messages: readonly Message[]): Conversation {
  return { name, tools, messages: [question, ...messages] }
}

/** Conversations with tool calls as other providers and careless clients leave them. */
export const toolHistories: readonly Conversation[] = [
  history(
    'ids with odd characters',
    { role: 'assistant', content: [call('call:1/ä b', 'Oslo'), call('call:1/ä_b', 'Rome')] },
    { role: 'tool', content: [result('call:1/ä b', '7 degrees'), result('call:1/ä_b', '21 degrees')] },
  ),
  history(
    'ids of 64 characters that differ in the last',
    { role: 'assistant', content: [call(`${longId}a`, 'Oslo'), call(`${longId}b`, 'Rome')] },
    { role: 'tool', content: [result(`${longId}a`, '7 degrees'), result(`${longId}b`, '21 degrees')] },
  ),
  history(
    'results in another order than their calls',
    { role: 'assistant', content: [call('call_1', 'Oslo'), call('call_2', 'Rome')] },
    { role: 'tool', content: [result('call_2', '21 degrees'), result('call_1', '7 degrees')] },
  ),
  history(
    'results in a message each',
    { role: 'assistant', content: [call('call_1', 'Oslo'), call('call_2', 'Rome')] },
    { role: 'tool', content: [result('call_1', '7 degrees')] },
    { role: 'tool', content: [result('call_2', '21 degrees')] },
  ),
  history(
    'a word of the user between a call and its result',
    { role: 'assistant', content: [call('call_1', 'Oslo')] },
    { role: 'user', content: 'Take your time.' },
    { role: 'tool', content: [result('call_1', '7 degrees')] },
  ),
  history(
    'the same id in two turns',
    { role: 'assistant', content: [call('call_0', 'Oslo')] },
    { role: 'tool', content: [result('call_0', '7 degrees')] },
    { role: 'assistant', content: [call('call_0', 'Rome')] },
    { role: 'tool', content: [result('call_0', '21 degrees')] },
  ),
  history(
    'a result that tells an error',
    { role: 'assistant', content: [call('call_1', 'Oslo')] },
    { role: 'tool', content: [result('call_1', 'The station is closed.', { isError: true })] },
  ),
  history(
    'a result that is empty',
    { role: 'assistant', content: [call('call_1', 'Oslo')] },
    { role: 'tool', content: [result('call_1', '')] },
  ),
  {
    ...history(
      'a call without a result',
      { role: 'assistant', content: [call('call_1', 'Oslo'), call('call_2', 'Rome')] },
      { role: 'tool', content: [result('call_1', '7 degrees')] },
      { role: 'user', content: 'And Rome?' },
    ),
    warnings: 1,
  },
  {
    ...history(
      'a result without a call',
      { role: 'tool', content: [result('call_gone', '7 degrees')] },
      { role: 'user', content: 'Is that warm?' },
    ),
    warnings: 1,
  },
  history(
    'a call whose arguments do not parse',
    {
      role: 'assistant',
      content: [
        {
          type: 'tool-call',
          id: 'call_1',
          name: 'get_weather',
          invalid: { text: '{"city": Oslo}', reason: 'it is no JSON' },
        },
      ],
    },
    { role: 'tool', content: [result('call_1', 'The arguments do not parse.', { isError: true })] },
  ),
  history(
    'text, a call, and text again in one turn',
    {
      role: 'assistant',
      content: [{ type: 'text', text: 'Let me look.' }, call('call_1', 'Oslo'), { type: 'text', text: 'A moment.' }],
    },
    { role: 'tool', content: [result('call_1', '7 degrees')] },
  ),
  history(
    'a result with an image',
    { role: 'assistant', content: [call('call_1', 'Oslo')] },
    {
      role: 'tool',
      content: [
        result('call_1', [
          { type: 'text', text: '7 degrees' },
          { type: 'image', source: pixel },
        ]),
      ],
    },
  ),
]
