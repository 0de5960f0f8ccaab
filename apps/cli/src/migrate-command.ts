import { ledgerMigrations, migrateLedger } from '@switchyard/ledger'
import { Command } from 'commander'
import { findLedger, type LedgerOptions, withLedgerOptions } from './ledger-options.ts'
import type { Surroundings } from './surroundings.ts'

interface MigrateOptions extends LedgerOptions {
  readonly status?: boolean
}

/** `switchyard migrate`. */
export function migrateCommand(surroundings: Surroundings): Command {
  const command = new Command('migrate')
    .description("Brings the ledger's tables to this version, as a gateway does when it starts.")
    .option('--status', 'tell which migrations were run, and change nothing')
  return withLedgerOptions(command).action((options: MigrateOptions) => migrate(options, surroundings))
}

async function migrate(options: MigrateOptions, surroundings: Surroundings): Promise<void> {
  const { place } = await findLedger(options, surroundings)
  if (options.status === true) {
    const migrations = await ledgerMigrations(place)
    if (migrations.every(({ executedAt }) => executedAt === undefined)) {
      const where = place.url === undefined ? `in ${place.dataDirectory}` : 'in that database'
      surroundings.out(`There is no ledger yet ${where}. A gateway makes it when it starts, or switchyard migrate.\n`)
    }
    for (const { name, executedAt } of migrations) {
      surroundings.out(`${name}  ${executedAt === undefined ? 'to be run' : executedAt.toISOString()}\n`)
    }
    return
  }
  const run = await migrateLedger(place)
  surroundings.out(run.length === 0 ? 'The tables are up to date.\n' : run.map(name => `${name}  done\n`).join(''))
}
