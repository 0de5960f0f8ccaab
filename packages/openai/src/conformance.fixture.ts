import type { ConformanceOptions } from '@switchyard/testkit'
import { createOpenAI } from './index.ts'

export const conformance: ConformanceOptions = {
  dialect: 'openai-chat',
  create: setup => createOpenAI(setup),
  skip: { 'context windows': 'The list of models tells names and dates.' },
}
