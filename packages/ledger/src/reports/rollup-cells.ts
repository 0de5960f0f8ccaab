import { dimensionKey, type UsageDimension } from './usage-dimension.ts'
import { type Facet, facetDimension, facets, rollupNumber } from './usage-facets.ts'
import { type Span, startOf } from './usage-spans.ts'
import { UsageSums } from './usage-sums.ts'

/** What is added to one row of the roll-ups. */
export interface RollupCell {
  /** The row's `span`. */
  readonly number: number
  readonly startsAt: number
  /** Its dimension's key. */
  readonly dimension: string
  readonly sums: UsageSums
}

/** What a batch of entries adds to roll-ups: to hours of everything first, and from there to all that is wider. */
export class RollupCells {
  readonly #dimensions = new Map<string, UsageDimension>()
  readonly #hours = new CellsOfSpan('hour')

  add(dimension: UsageDimension, at: number, addTo: (sums: UsageSums) => void): void {
    const key = dimensionKey(dimension)
    this.#dimensions.set(key, dimension)
    addTo(this.#hours.sums('every', key, at))
  }

  /** All rows, and their dimensions by key. */
  finish(): { readonly cells: readonly RollupCell[]; readonly dimensions: ReadonlyMap<string, UsageDimension> } {
    const dimensions = new Map(this.#dimensions)
    const keys = new Map([...this.#dimensions].map(([key, dimension]) => [key, facetKeys(dimension, dimensions)]))
    for (const { dimension, startsAt, sums } of this.#hours.all()) {
      for (const [facet, key] of keys.get(dimension) ?? []) this.#hours.sums(facet, key, startsAt).add(sums)
    }
    const days = new CellsOfSpan('day')
    days.addAll(this.#hours)
    const months = new CellsOfSpan('month')
    months.addAll(days)
    return { cells: [...this.#hours.all(), ...days.all(), ...months.all()], dimensions }
  }
}

function facetKeys(
  dimension: UsageDimension,
  dimensions: Map<string, UsageDimension>,
): readonly (readonly [Facet, string])[] {
  return facets
    .filter(facet => facet !== 'every')
    .map(facet => {
      const narrowed = facetDimension(facet, dimension)
      const key = dimensionKey(narrowed)
      dimensions.set(key, narrowed)
      return [facet, key]
    })
}

interface CellOfFacet extends RollupCell {
  readonly facet: Facet
}

class CellsOfSpan {
  readonly #span: Span
  readonly #cells = new Map<string, CellOfFacet>()

  constructor(span: Span) {
    this.#span = span
  }

  all(): readonly CellOfFacet[] {
    return [...this.#cells.values()]
  }

  addAll(narrower: CellsOfSpan): void {
    for (const { facet, dimension, startsAt, sums } of narrower.all()) this.sums(facet, dimension, startsAt).add(sums)
  }

  sums(facet: Facet, dimension: string, at: number): UsageSums {
    const startsAt = startOf(this.#span, at)
    const number = rollupNumber(facet, this.#span)
    const place = `${number} ${startsAt} ${dimension}`
    let cell = this.#cells.get(place)
    if (cell === undefined) {
      cell = { facet, number, startsAt, dimension, sums: new UsageSums() }
      this.#cells.set(place, cell)
    }
    return cell.sums
  }
}
