import type { ConformanceOptions } from '@switchyard/testkit'
import { createOpenAICompatible, groq as groqPreset, xai as xaiPreset } from './index.ts'

export const conformance: ConformanceOptions = {
  dialect: 'openai-chat',
  create: setup => createOpenAICompatible({ id: 'lab', ...setup }),
  skip: {
    'context windows': 'The list of models tells names and dates.',
    'reasoning replay': 'It goes back to servers that show it; the simulated one takes none.',
  },
}

const neither = {
  'argument fragments': 'Calls come whole, each with all its arguments.',
  embeddings: 'There is no endpoint for embeddings.',
  'reasoning replay': 'What a model thought is not sent back.',
  'cache writes': 'What is written to a cache is not told.',
}

export const xai: ConformanceOptions = {
  dialect: 'openai-chat',
  api: 'xai',
  create: setup => xaiPreset(setup),
  skip: {
    ...neither,
    'context windows': 'The list of models tells names and dates.',
    stop: 'Models that think refuse stop sequences.',
    frequencyPenalty: 'Models that think refuse penalties.',
    presencePenalty: 'Models that think refuse penalties.',
  },
}

export const groq: ConformanceOptions = {
  dialect: 'openai-chat',
  api: 'groq',
  create: setup => groqPreset(setup),
  skip: { ...neither, 'several choices': 'A request gets one answer.' },
}
