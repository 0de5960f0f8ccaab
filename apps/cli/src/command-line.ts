import { isSwitchyardError } from '@switchyard/core'
import { Command, CommanderError } from 'commander'
import { keyCommand } from './key-command.ts'
import { migrateCommand } from './migrate-command.ts'
import type { Surroundings } from './surroundings.ts'
import { usageCommand } from './usage-command.ts'

const done = 0
const failed = 1
const mistaken = 2

/** Runs one command; answers the exit code: 0 done, 1 failed, 2 a mistake in what was asked. */
export async function runCommandLine(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const program = new Command('switchyard')
    .description('What was used of language models, what it cost, and the ledger that knows it.')
    .helpCommand(false)
    .showHelpAfterError('(--help tells what there is)')
  const settings = (command: Command): Command =>
    command
      .exitOverride()
      .configureOutput({
        writeOut: surroundings.out,
        writeErr: surroundings.err,
        getOutHelpWidth: () => Math.min(surroundings.columns, 100),
        outputError: (text, write) => write(text.replace(/^error: /, 'switchyard: ')),
      })
      .showHelpAfterError('(--help tells what there is)')
  settings(program)
  for (const command of [usageCommand(surroundings), migrateCommand(surroundings), keyCommand(surroundings)]) {
    settings(command)
    for (const nested of command.commands) settings(nested)
    program.addCommand(command)
  }
  try {
    // pnpm passes its own separator on
    await program.parseAsync(args[0] === '--' ? args.slice(1) : [...args], { from: 'user' })
    return done
  } catch (error) {
    // it has told already
    if (error instanceof CommanderError) return error.exitCode === 0 ? done : mistaken
    if (!isSwitchyardError(error)) throw error
    surroundings.err(`switchyard: ${error.message}\n`)
    return error.kind === 'invalid-request' && error.name !== 'ConfigError' ? mistaken : failed
  }
}
