import type { ConformanceOptions } from '@switchyard/testkit'
import { createOpenAI } from './index.ts'

const windows = 'The list of models tells names and dates.'

export const conformance: ConformanceOptions = {
  dialect: 'openai-chat',
  create: setup => createOpenAI({ ...setup, api: 'chat-completions' }),
  skip: {
    'context windows': windows,
    'reasoning text': 'Chat completions do not show what a model thinks.',
    'reasoning replay': 'Chat completions take back nothing of what a model thought.',
  },
}

export const responses: ConformanceOptions = {
  dialect: 'openai-responses',
  create: setup => createOpenAI({ ...setup, api: 'responses', reasoningSummary: 'auto' }),
  skip: { 'context windows': windows },
}
