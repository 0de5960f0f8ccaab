import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const ignored = new Set(['node_modules', 'dist', 'coverage', '.git', '.turbo', '.switchyard'])
const foreign = /(?<![\w.])\/work\/|\.\.\/shared\b/

/** Lines that name a place outside the project: it must read alone. */
export function foreignPaths(text: string): readonly number[] {
  return text.split('\n').flatMap((line, index) => (foreign.test(line) ? [index + 1] : []))
}

export function projectFiles(root: string): readonly string[] {
  return globSync('**/*', { cwd: root, withFileTypes: true, exclude: entry => ignored.has(entry.name) })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
}

export function isText(path: string): boolean {
  return !readFileSync(path).subarray(0, 8000).includes(0)
}
