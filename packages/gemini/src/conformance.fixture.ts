import type { ConformanceOptions } from '@switchyard/testkit'
import { createGemini } from './index.ts'

export const conformance: ConformanceOptions = {
  dialect: 'gemini',
  create: setup => createGemini(setup),
}
