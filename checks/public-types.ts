import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { parseAndWalk } from 'oxc-walker'
import { lineAt, moduleImports } from './module-imports.ts'
import type { WorkspacePackage } from './workspace.ts'

/** Every `any` that a user's editor can meet in a package's declarations, as far as its exports reach. */
export function anyInPublicTypes({ directory, manifest }: WorkspacePackage): readonly string[] {
  const queue = Object.values(manifest.exports ?? {}).flatMap(entry => {
    const types = typeof entry === 'object' && entry !== null && 'types' in entry ? entry.types : undefined
    return typeof types === 'string' ? [join(directory, types)] : []
  })
  const seen = new Set(queue)
  const found: string[] = []
  for (const path of queue) {
    if (!existsSync(path)) {
      found.push(`${manifest.name} exports ${relative(directory, path)}, which is not there: build it first`)
      continue
    }
    const text = readFileSync(path, 'utf8')
    for (const line of anyKeywordLines(text, path)) {
      found.push(`${manifest.name} ${relative(directory, path)}:${line} says any`)
    }
    for (const { specifier } of moduleImports(text, path)) {
      if (!specifier.startsWith('.')) continue
      const target = join(dirname(path), specifier.replace(/\.(js|ts)$/, '.d.ts'))
      if (!seen.has(target)) queue.push(target)
      seen.add(target)
    }
  }
  return found
}

export function anyKeywordLines(text: string, path: string): readonly number[] {
  const lines: number[] = []
  parseAndWalk(text, path, node => {
    if (node.type === 'TSAnyKeyword') lines.push(lineAt(text, node.start))
  })
  return lines
}
