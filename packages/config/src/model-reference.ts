/** What a target or a request names: a model of a provider, or a name without `/`. */
export type ModelReference =
  | { readonly provider: string; readonly model: string }
  | { readonly provider?: undefined; readonly name: string }

/** Splits at the first `/`: what follows belongs to the provider, slashes and all. */
export function parseModelReference(text: string): ModelReference {
  const at = text.indexOf('/')
  if (at === -1) return { name: text }
  return { provider: text.slice(0, at), model: text.slice(at + 1) }
}
