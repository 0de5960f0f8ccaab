import { SwitchyardError } from '@switchyard/core'
import { openLedgerReader, type UsageFilter, type UsageGrouping } from '@switchyard/ledger'
import { Command, Option } from 'commander'
import { budgetStandings } from './budget-standings.ts'
import { findLedger, type LedgerOptions, withLedgerOptions } from './ledger-options.ts'
import type { Surroundings } from './surroundings.ts'
import { usageCsv } from './usage-csv.ts'
import { usageJson } from './usage-json.ts'
import { usageTable } from './usage-table.ts'

interface UsageCommandOptions extends LedgerOptions, Omit<UsageFilter, 'from' | 'to'> {
  readonly from?: string
  readonly to?: string
  readonly by?: readonly UsageGrouping[]
  readonly timeZone?: string
  readonly format: 'table' | 'json' | 'csv'
}

const groupings: readonly UsageGrouping[] = ['model', 'provider', 'key', 'tag', 'chain', 'day']

/** `switchyard usage`. */
export function usageCommand(surroundings: Surroundings): Command {
  const command = new Command('usage')
    .description('Tells what was used and what it cost, also while a gateway runs.')
    .option('--from <moment>', 'the first moment that counts: 2026-11-21, 2026-11-21T10:00, or with Z or an offset')
    .option('--to <moment>', 'the first moment that does not')
    .option('--by <groups>', `any of ${groupings.join(', ')}, with commas between (default: model)`, readGroupings)
    .option('--key <name>', 'only what this caller used')
    .option('--chain <name>', 'only what came through this chain')
    .option('--model <provider/model>', 'only this model')
    .option('--provider <name>', 'only this provider')
    .option('--tag <name>', 'only what has this tag')
    .option('--time-zone <name>', 'of days and of moments without an offset, such as Europe/Berlin (default: UTC)')
    .addOption(
      new Option('--format <format>', 'a table rounds amounts for people; the others give them exactly')
        .choices(['table', 'json', 'csv'])
        .default('table'),
    )
  return withLedgerOptions(command).action((options: UsageCommandOptions) => showUsage(options, surroundings))
}

async function showUsage(options: UsageCommandOptions, surroundings: Surroundings): Promise<void> {
  const { config: _, dataDirectory: __, by = ['model'], timeZone, format, ...filter } = options
  const { place, config } = await findLedger(options, surroundings)
  await using reader = await openLedgerReader(place)
  const report = await reader.usage(filter, { by, ...(timeZone !== undefined && { timeZone }) })
  const budgets = await budgetStandings(reader, config, surroundings.now)
  const { columns, out } = surroundings
  if (format === 'csv') out(usageCsv(report))
  else if (format === 'json') out(usageJson(report, budgets))
  else out(usageTable(report, budgets, { place: reader.place, columns }))
}

function readGroupings(text: string, before: readonly UsageGrouping[] = []): readonly UsageGrouping[] {
  const names = text.split(',').map(name => name.trim())
  for (const name of names) {
    if (groupings.some(grouping => grouping === name)) continue
    const message = `--by: usage is not grouped by "${name}"; use ${groupings.join(', ')}.`
    throw new SwitchyardError('invalid-request', message, { param: 'by' })
  }
  return [...before, ...(names as readonly UsageGrouping[])]
}
