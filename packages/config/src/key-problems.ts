import type { ConfigNames } from './config-names.ts'
import { didYouMean } from './nearest-name.ts'
import type { ConfigPath, Problem } from './problem.ts'

/** Keys that cannot be told apart, and chains of keys that are none. */
export function keyProblems(config: ConfigNames): Problem[] {
  const problems: Problem[] = []
  const report = (path: ConfigPath, message: string) => problems.push({ path, message })
  const names = new Set<string>()
  const hashes = new Map<string, string>()
  for (const [at, { name, hash, chains }] of config.keys.entries()) {
    if (name !== undefined) {
      if (names.has(name))
        report(['keys', at, 'name'], `another key is named "${name}"; reports could not tell them apart`)
      names.add(name)
    }
    if (hash !== undefined) {
      const other = hashes.get(hash)
      if (other !== undefined) report(['keys', at, 'hash'], `this is the key "${other}" again; make a key of its own`)
      hashes.set(hash, name ?? '')
    }
    for (const [index, chain] of chains.entries()) {
      if (typeof chain === 'string' && chain !== '') {
        const message = chainProblem(config, chain)
        if (message !== undefined) report(['keys', at, 'chains', index], message)
      }
    }
  }
  return problems
}

function chainProblem({ chains, aliases }: ConfigNames, name: string): string | undefined {
  if (Object.hasOwn(chains, name)) return undefined
  const meant = Object.hasOwn(aliases, name) ? aliases[name] : undefined
  if (meant !== undefined) return `"${name}" is an alias; name what it stands for, "${meant}"`
  if (name.includes('/')) return `"${name}" is no chain; make a chain of it, and name that`
  return `there is no chain "${name}"${didYouMean(name, Object.keys(chains))}`
}
