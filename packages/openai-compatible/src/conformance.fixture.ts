import type { ConformanceOptions } from '@switchyard/testkit'
import { createOpenAICompatible } from './index.ts'

export const conformance: ConformanceOptions = {
  dialect: 'openai-chat',
  create: setup => createOpenAICompatible({ id: 'lab', ...setup }),
  skip: {
    'context windows': 'The list of models tells names and dates.',
    'it goes on with a result with an image':
      'It goes along, since many of these servers take it; a server that does not refuses.',
  },
}
