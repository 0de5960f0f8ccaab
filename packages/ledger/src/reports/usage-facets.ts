import type { UsageDimension } from './usage-dimension.ts'
import { type Span, spanNumbers } from './usage-spans.ts'

/** What entries can be filtered by, and grouped by beside their day. */
export type UsageAttribute = 'model' | 'provider' | 'key' | 'chain' | 'tag'

/**
 * Roll-ups are kept once for each: rows of `every` know all of an entry, and are almost as many as entries; those of the
 * others know one thing, and are few, so that a year is added up at once.
 */
export type Facet = 'every' | 'none' | 'model' | 'key' | 'chain' | 'tag'

export const facets = ['every', 'none', 'model', 'key', 'chain', 'tag'] as const satisfies readonly Facet[]

/** The facet with the fewest rows that knows all of these. */
export function facetOf(attributes: ReadonlySet<UsageAttribute>): Facet {
  // a model's provider is known with it
  const known = new Set([...attributes].map(attribute => (attribute === 'provider' ? 'model' : attribute)))
  const [first, second] = known
  return second === undefined ? (first ?? 'none') : 'every'
}

/** What `span` says in rows of roll-ups. */
export function rollupNumber(facet: Facet, span: Span): number {
  return facets.indexOf(facet) * Object.keys(spanNumbers).length + spanNumbers[span]
}

/** What rows of the facet know of an entry. */
export function facetDimension(facet: Facet, dimension: UsageDimension): UsageDimension {
  if (facet === 'every') return dimension
  const { source, outcome, errorKind, costIs, chains, target, provider, principal, tags } = dimension
  return {
    source,
    outcome,
    errorKind,
    costIs,
    operation: '',
    chains: facet === 'chain' ? chains : [],
    target: facet === 'model' ? target : null,
    provider: facet === 'model' ? provider : null,
    principal: facet === 'key' ? principal : null,
    tags: facet === 'tag' ? tags : [],
  }
}
