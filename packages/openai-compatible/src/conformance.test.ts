import { testProvider } from '@switchyard/testkit'
import { createOpenAICompatible } from './index.ts'

testProvider('openai-compatible', {
  dialect: 'openai-chat',
  create: setup => createOpenAICompatible({ id: 'lab', ...setup }),
})
