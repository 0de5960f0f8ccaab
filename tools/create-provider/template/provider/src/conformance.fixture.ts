import type { ConformanceOptions } from '@switchyard/testkit'
import { createAcmeCloud } from './index.ts'

export const conformance: ConformanceOptions = {
  dialect: 'openai-chat',
  create: setup => createAcmeCloud(setup),
  skip: {
    'context windows': 'The list of models tells names and dates.',
    'reasoning replay': 'What a model thought is not sent back.',
  },
}
