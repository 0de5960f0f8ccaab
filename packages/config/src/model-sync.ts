import { resolve } from 'node:path'
import { type Catalog, type CatalogSync, catalogSync } from '@switchyard/catalog'
import { type Clock, type EventHub, isSwitchyardError } from '@switchyard/core'
import type { ProviderRegistry } from '@switchyard/core/registry'
import { problemAt } from './config-origin.ts'
import type { Config } from './schema.ts'

export interface ModelSyncOptions {
  readonly events: EventHub
  readonly clock: Clock
  /** Named in errors. */
  readonly file?: string
  /** What paths in the configuration are relative to. */
  readonly directory?: string
  readonly dataDirectory?: string
  readonly onSynced: () => void
}

/** Learns from the providers' own lists; by a schedule, and kept in a file, where the configuration has one. */
export function modelSync(
  config: Config,
  catalog: Catalog,
  registry: ProviderRegistry,
  {
    events,
    clock,
    onSynced,
    file,
    directory = process.cwd(),
    dataDirectory = resolve(directory, '.switchyard'),
  }: ModelSyncOptions,
): CatalogSync {
  const { sync: schedule, file: written } = config.catalog ?? {}
  const store = written === undefined ? schedule && resolve(dataDirectory, 'models.json') : resolve(directory, written)
  try {
    return catalogSync({
      catalog,
      providers: () => registry.list(),
      events,
      clock,
      onSynced,
      ...(schedule !== undefined && { schedule }),
      ...(store !== undefined && { store }),
    })
  } catch (error) {
    if (!isSwitchyardError(error, 'invalid-request')) throw error
    throw problemAt(config, ['catalog', 'sync'], error.message, file)
  }
}
