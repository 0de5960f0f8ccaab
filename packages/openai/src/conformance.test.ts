import { testProvider } from '@switchyard/testkit'
import { createOpenAI } from './index.ts'

testProvider('openai', { dialect: 'openai-chat', create: setup => createOpenAI(setup) })
