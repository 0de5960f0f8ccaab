import type { ConfigNames } from './config-names.ts'
import { didYouMean } from './nearest-name.ts'
import type { ConfigPath, Problem } from './problem.ts'

const kinds = [
  { kind: 'budget', section: 'budgets' },
  { kind: 'limit', section: 'limits' },
] as const

/** Budgets and limits that are named and not there, that are there and named by nobody, and that are named twice. */
export function holderProblems(config: ConfigNames): Problem[] {
  return kinds.flatMap(({ kind, section }) => {
    const problems: Problem[] = []
    const known = config[section]
    const held = new Set<string>()
    const report = (path: ConfigPath, message: string) => problems.push({ path, message })
    for (const holder of config.holders) {
      const seen = new Set<string>()
      for (const { name, path } of holder[kind]) {
        held.add(name)
        if (seen.has(name)) report(path, `"${name}" stands here twice; keep one`)
        seen.add(name)
        if (known.includes(name)) continue
        const cure =
          didYouMean(name, known) ||
          (known.length === 0 ? `; write it under ${section}` : `; there are: ${known.join(', ')}`)
        report(path, `there is no ${kind} "${name}"${cure}`)
      }
    }
    for (const name of known) {
      if (name === '') report([section, name], `a ${kind} needs a name`)
      else if (!held.has(name)) {
        report(
          [section, name],
          `nothing holds this ${kind}, so it would do nothing; write ${kind}: ${name} under server (for all), a provider, a model, a chain, a key or a tag`,
        )
      }
    }
    return problems
  })
}
