import type { ModelFacts, ModelFactsPort } from '@switchyard/core'
import type { Config } from './schema.ts'

/** What the configuration's `models` say, as providers ask for it. */
export function modelFacts(models: Config['models'] = {}): ModelFactsPort {
  const known = new Map<string, ModelFacts>()
  for (const [name, model] of Object.entries(models)) {
    const { contextWindow, maxOutputTokens, capabilities, silentReasoning, outputCapParameter, reasoningEfforts } =
      model
    const stated = { ...capabilities, contextWindow, maxOutputTokens }
    known.set(name, {
      capabilities: Object.fromEntries(Object.entries(stated).filter(([, value]) => value !== undefined)),
      ...(outputCapParameter && { outputCapParameter }),
      ...(reasoningEfforts && { reasoningEfforts }),
      ...(silentReasoning !== undefined && { silentReasoningMs: silentReasoning }),
    })
  }
  return (provider, model) => known.get(`${provider}/${model}`)
}
