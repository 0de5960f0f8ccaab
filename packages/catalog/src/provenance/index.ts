export { provenance, sources } from './data.ts'

/** Something that was read to make the catalogue. */
export interface Source {
  readonly name: string
  /** When it was published or copied, as exactly as is known. */
  readonly date: string
}

/** Where a model's data come from. Sources are named as in `sources`. */
export interface ModelProvenance {
  /** Newest first: a number is from the first of these that states it, unless `fields` says otherwise. */
  readonly sources: readonly string[]
  /** What is from elsewhere, by the name of the field. */
  readonly fields?: Readonly<Record<string, readonly string[]>>
  /** Where sources differ: the field, and what each says. USD per million tokens where it is a price. */
  readonly disagreements?: readonly Disagreement[]
  /** What no source states and which rule made it. */
  readonly derived?: readonly string[]
  readonly note?: string
}

export interface Disagreement {
  readonly field: string
  readonly values: Readonly<Record<string, string | number | boolean | readonly number[]>>
}
