import { describe, expect, it } from 'vitest'
import type { MessageRequest } from '../contract/request.ts'
import { requestObstacle } from './continuable-request.ts'

const ask: MessageRequest = { messages: [{ role: 'user', content: 'Tell me.' }] }

describe('an answer that broke', () => {
  it.each<[string, Partial<MessageRequest>]>([
    ['nothing special', {}],
    ['one choice', { extra: { 'openai-chat': { n: 1, logprobs: false, top_logprobs: 0 } } }],
    ['something else of its dialect', { boundTo: { dialect: 'openai-chat', fields: ['logit_bias'] } }],
  ])('can be gone on with where %s was asked for', (_, more) => {
    expect(requestObstacle({ ...ask, ...more })).toBeUndefined()
  })

  it.each<[string, Partial<MessageRequest>]>([
    ['several choices', { extra: { 'openai-chat': { n: 2 } } }],
    ['several choices', { boundTo: { dialect: 'openai-chat', fields: ['logit_bias', 'n'] } }],
    ['several choices', { boundTo: { dialect: 'gemini', fields: ['generationConfig.candidateCount'] } }],
    ['log probabilities', { extra: { 'openai-chat': { logprobs: true } } }],
    ['log probabilities', { boundTo: { dialect: 'gemini', fields: ['generationConfig.responseLogprobs'] } }],
  ])('cannot where %s were asked for', (what, more) => {
    expect(requestObstacle({ ...ask, ...more })).toBe(`${what} were asked for`)
  })
})
