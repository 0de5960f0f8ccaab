import type { ConformanceOptions } from '@switchyard/testkit'
import { createOllama } from './index.ts'

export const conformance: ConformanceOptions = {
  dialect: 'ollama-chat',
  create: setup => createOllama(setup),
}
