import { capabilityNames, type ModelCapabilities, type ModelFacts } from '@switchyard/core'
import type { ModelData } from './model.ts'

/** A model as providers ask for it. Make it once: they ask at every call. */
export function modelFacts(model: ModelData): ModelFacts {
  const { contextWindow, maxOutputTokens, silentReasoningMs } = model
  const known = capabilityNames.flatMap(name => {
    const value = model.capabilities[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  const capabilities: Partial<ModelCapabilities> = {
    ...Object.fromEntries(known),
    ...(contextWindow !== undefined && { contextWindow }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(silentReasoningMs !== undefined && { silentReasoningMs }),
  }
  return Object.freeze({ ...model.facts, capabilities: Object.freeze(capabilities) })
}
