import type { ModelFacts, ModelFactsPort } from '@switchyard/core/contract'

/** Tokens of context that a model is loaded with at most, where the options do not say. */
export const mostContext = 32_768

/**
 * What is known of models, their context windows no larger than what they will be loaded with: a server holds all of
 * a window in memory, used or not. The same object for the same facts.
 */
export function boundedFacts(facts: ModelFactsPort | undefined, most: number): ModelFactsPort {
  const kept = new WeakMap<ModelFacts, ModelFacts>()
  return (provider, model) => {
    const known = facts?.(provider, model)
    const window = known?.capabilities?.contextWindow
    if (known === undefined || window === undefined || window <= most) return known
    let bounded = kept.get(known)
    if (bounded === undefined) {
      bounded = { ...known, capabilities: { ...known.capabilities, contextWindow: most } }
      kept.set(known, bounded)
    }
    return bounded
  }
}
