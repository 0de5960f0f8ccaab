import type { ConformanceOptions } from '@switchyard/testkit'
import { createAnthropic } from './index.ts'

export const conformance: ConformanceOptions = {
  dialect: 'anthropic-messages',
  create: setup => createAnthropic(setup),
}
