import { createHash, randomBytes } from 'node:crypto'
import { SwitchyardError } from '@switchyard/core'
import { Command } from 'commander'
import type { Surroundings } from './surroundings.ts'

/** `switchyard key new`. */
export function keyCommand(surroundings: Surroundings): Command {
  const create = new Command('new')
    .description('Makes a key for a caller. It is shown once, and kept nowhere: the configuration gets its hash.')
    .requiredOption('--name <name>', 'whose key it is: what usage, budgets and limits know the caller by')
    .action(({ name }: { readonly name: string }) => newKey(name, surroundings))
  return new Command('key').description('Keys of callers.').helpCommand(false).addCommand(create)
}

const nameForm = /^[A-Za-z0-9][\w.-]{0,63}$/

function newKey(name: string, { out, err }: Surroundings): void {
  if (!nameForm.test(name)) {
    const message = '--name takes up to 64 letters, digits, ".", "_" and "-", and begins with a letter or a digit.'
    throw new SwitchyardError('invalid-request', message, { param: 'name' })
  }
  const key = `sy-${randomBytes(32).toString('base64url')}`
  const hash = createHash('sha256').update(key).digest('hex')
  err('The key, which nobody can show again:\n')
  out(`${key}\n`)
  err('Its line for the keys of the configuration:\n')
  out(`- { name: ${JSON.stringify(name)}, hash: "sha256:${hash}" }\n`)
}
