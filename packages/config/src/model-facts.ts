import type { ModelFacts, ModelFactsPort } from '@switchyard/core'
import type { Config } from './schema.ts'

/** What the configuration's `models` say, as providers ask for it. */
export function modelFacts(models: Config['models'] = {}): ModelFactsPort {
  const known = new Map<string, ModelFacts>()
  for (const [name, model] of Object.entries(models)) {
    const { contextWindow, maxOutputTokens, capabilities, silentReasoning, price: _, ...facts } = model
    const stated = { ...capabilities, contextWindow, maxOutputTokens, silentReasoningMs: silentReasoning }
    known.set(name, { ...present(facts), capabilities: present(stated) })
  }
  return (provider, model) => known.get(`${provider}/${model}`)
}

function present<Fields extends object>(fields: Fields): { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never
}
