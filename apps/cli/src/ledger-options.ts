import { dirname, resolve } from 'node:path'
import type { Config } from '@switchyard/config'
import { SwitchyardError } from '@switchyard/core'
import type { LedgerPlace } from '@switchyard/ledger'
import type { Command } from 'commander'
import type { Surroundings } from './surroundings.ts'

export interface LedgerOptions {
  readonly config?: string
  readonly dataDirectory?: string
}

/** Adds the options that say which ledger is meant. */
export function withLedgerOptions(command: Command): Command {
  return command
    .option('--config <file>', 'the configuration whose ledger it is; default: switchyard.yaml, .json, .ts or .js here')
    .option('--data-directory <directory>', 'the directory of an embedded ledger, whatever is configured')
    .addHelpText('after', ledgerHelp)
}

const ledgerHelp = `
Which ledger is meant:
  --data-directory, else that of --config, else that of the configuration in this directory; without one,
  DATABASE_URL names a PostgreSQL database. An embedded ledger is in SWITCHYARD_DATA_DIR, or in .switchyard
  beside the configuration.`

export interface FoundLedger {
  readonly place: LedgerPlace
  readonly config?: Config
}

/** @throws {ConfigError} when a configuration is wrong. */
export async function findLedger(options: LedgerOptions, surroundings: Surroundings): Promise<FoundLedger> {
  const { environment, directory } = surroundings
  if (options.dataDirectory !== undefined) {
    if (options.config !== undefined) {
      const message = '--config and --data-directory both say which ledger is meant; give one of them.'
      throw new SwitchyardError('invalid-request', message, { param: 'data-directory' })
    }
    return { place: { dataDirectory: resolve(directory, options.dataDirectory) } }
  }
  // it brings every provider's SDK along
  const { loadConfig } = await import('@switchyard/config')
  const { config, file } = await loadConfig({
    environment,
    directory,
    ...(options.config !== undefined && { file: options.config }),
  })
  const url = config.ledger?.url ?? (file === undefined ? environment.DATABASE_URL : undefined)
  const found = file === undefined ? {} : { config }
  if (url) return { place: { url }, ...found }
  const beside = resolve(file === undefined ? directory : dirname(file), '.switchyard')
  const dataDirectory = environment.SWITCHYARD_DATA_DIR ? resolve(directory, environment.SWITCHYARD_DATA_DIR) : beside
  return { place: { dataDirectory }, ...found }
}
