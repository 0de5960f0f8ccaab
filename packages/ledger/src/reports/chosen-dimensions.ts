import { type Kysely, sql } from 'kysely'
import type { LedgerDatabase } from '../schema.ts'
import { storable } from '../store/entry-rows.ts'
import { dimensionOf } from './usage-dimension.ts'
import type { Facet } from './usage-facets.ts'
import { matches, type UsageQuestion } from './usage-question.ts'

/** Ids of the facet's dimensions that a filter lets through; `undefined` where it filters nothing. */
export async function chosenDimensions(
  database: Kysely<LedgerDatabase>,
  filter: UsageQuestion['filter'],
  facet: Facet,
): Promise<readonly bigint[] | undefined> {
  if (Object.keys(filter).length === 0) return undefined
  const { key, model, provider, chain, tag } = filter
  let query = database.selectFrom('usage_dimensions').selectAll()
  query = query.where('operation', facet === 'every' ? '<>' : '=', '')
  if (key !== undefined) query = query.where('principal', '=', storable(key))
  if (model !== undefined) query = query.where('target', '=', storable(model))
  if (provider !== undefined) query = query.where('provider', '=', storable(provider))
  // as it stands in JSON; what only looks like it is sorted out below
  if (chain !== undefined) query = query.where(sql<boolean>`replace(chains, ${JSON.stringify(chain)}, '') <> chains`)
  if (tag !== undefined) query = query.where(sql<boolean>`replace(tags, ${JSON.stringify(tag)}, '') <> tags`)
  const rows = await query.execute()
  return rows.filter(row => matches(filter, dimensionOf(row))).map(({ id }) => id)
}
