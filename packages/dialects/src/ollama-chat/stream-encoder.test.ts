import { type MessageChunk, responseChunks, SwitchyardError } from '@switchyard/core/contract'
import { describe, expect, test } from 'vitest'
import { decodeResponse } from './decode-response.ts'
import { encodeResponse } from './encode-response.ts'
import { streamEncoder } from './stream-encoder.ts'

const start: MessageChunk = { type: 'start', model: 'lab/qwen3', created: 1_795_176_000 }
const usage = { input: { uncached: 20, cacheRead: 4, cacheWrite: { '5m': 2 } }, output: { text: 6, reasoning: 4 } }
const head = '{"model":"qwen3","created_at":"2026-11-20T12:00:00Z","message":{"role":"assistant","content":'

describe('a stream for a client', () => {
  test('is told in the server’s own order of fields', () => {
    const encoder = streamEncoder({ model: 'qwen3' })
    const text = encoder.encode([
      start,
      { type: 'ping' },
      { type: 'reasoning-start', id: 0, origin: 'ollama-chat' },
      { type: 'reasoning-delta', id: 0, text: 'hm' },
      { type: 'reasoning-end', id: 0, complete: true },
      { type: 'text-start', id: 1 },
      { type: 'text-delta', id: 1, text: 'Hel"lo' },
      { type: 'text-end', id: 1, complete: true },
      { type: 'tool-call-start', id: 2, callId: 'call_1', name: 'weather' },
      { type: 'tool-call-delta', id: 2, text: '{"city":"Oslo"}' },
      { type: 'tool-call-end', id: 2, complete: true, input: { city: 'Oslo' } },
      { type: 'tool-call-start', id: 3, callId: 'call_2', name: 'time' },
      { type: 'tool-call-end', id: 3, complete: true, input: {} },
      { type: 'finish', reason: 'tool-calls', usage },
    ])
    expect(text.split('\n')).toEqual([
      `${head}"","thinking":"hm"},"done":false}`,
      `${head}"Hel\\"lo"},"done":false}`,
      `${head}"","tool_calls":[{"id":"call_1","function":{"index":0,"name":"weather","arguments":{"city":"Oslo"}}}]},"done":false}`,
      `${head}"","tool_calls":[{"id":"call_2","function":{"index":1,"name":"time","arguments":{}}}]},"done":false}`,
      `${head}""},"done":true,"done_reason":"stop","prompt_eval_count":26,"eval_count":10}`,
      '',
    ])
  })

  test.each([
    ['length', 'length'],
    ['context-length', 'length'],
    ['stop-sequence', 'stop'],
    ['content-filter', 'stop'],
    ['other', 'stop'],
  ] as const)('that ended by %s says %s', (reason, word) => {
    const text = streamEncoder().encode([start, { type: 'finish', reason, rawReason: 'x' }])
    expect(JSON.parse(text)).toMatchObject({ done: true, done_reason: word })
    expect(encodeResponse({ model: 'lab/qwen3', content: [], reason })).toMatchObject({ done_reason: word })
  })

  test('goes on under the name of the target that answers', () => {
    const encoder = streamEncoder({ created: 0 })
    const chunks: MessageChunk[] = [
      { type: 'target', model: 'early/none', reason: 'r' },
      { type: 'start', model: 'lab/qwen3', simulated: true },
      { type: 'target', model: 'other/big', reason: 'r' },
      { type: 'text-start', id: 0 },
      { type: 'text-delta', id: 0, text: 'Hi' },
    ]
    expect(JSON.parse(encoder.encode(chunks))).toEqual({
      model: 'other/big',
      created_at: '1970-01-01T00:00:00Z',
      simulated: true,
      message: { role: 'assistant', content: 'Hi' },
      done: false,
    })
  })

  test('tells what the model wrote in place of a call, and nothing of a call that never began', () => {
    const invalid = { text: '{"cit', reason: 'the arguments are not JSON' }
    const encoder = streamEncoder({ model: 'qwen3' })
    const text = encoder.encode([
      start,
      { type: 'tool-call-start', id: 0, callId: 'a', name: 'f' },
      { type: 'tool-call-end', id: 0, complete: false, invalid },
      { type: 'tool-call-end', id: 9, complete: true, input: {} },
    ])
    expect(text).toBe(`${head}"{\\"cit"},"done":false}\n`)
    const content = [{ type: 'tool-call', id: 'a', name: 'f', invalid } as const]
    expect(encodeResponse({ model: 'm', content, reason: 'stop' })).toMatchObject({ message: { content: '{"cit' } })
  })

  test('tells a call’s arguments as an object, whatever they came as', () => {
    for (const given of [null, undefined, '', '{}', {}]) {
      const body = { message: { tool_calls: [{ id: 'a', function: { index: 7, name: 'f', arguments: given, x: 1 } }] } }
      const call = { id: 'a', function: { index: 7, name: 'f', arguments: {}, x: 1 } }
      expect(encodeResponse(decodeResponse(body, { provider: 'p' }))).toMatchObject({ message: { tool_calls: [call] } })
    }
  })

  test('leaves out blocks that only another dialect knows', () => {
    const response = {
      model: 'm',
      content: [{ type: 'opaque', origin: 'gemini', value: {} } as const],
      reason: 'stop' as const,
    }
    expect(streamEncoder().encode(responseChunks(response)).split('\n')).toHaveLength(2)
    expect(encodeResponse(response)).toMatchObject({ message: { role: 'assistant', content: '' } })
  })

  test('that broke ends with a sentence', () => {
    const error = new SwitchyardError('overloaded', 'lab: server busy')
    expect(streamEncoder().error(error)).toBe('{"error":"lab: server busy"}\n')
  })
})
