import type { ConformanceOptions } from '@switchyard/testkit'
import { createOpenAICompatible } from './index.ts'

export const conformance: ConformanceOptions = {
  dialect: 'openai-chat',
  create: setup => createOpenAICompatible({ id: 'lab', ...setup }),
  skip: { 'context windows': 'The list of models tells names and dates.' },
}
