import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const ignored = new Set(['node_modules', 'dist', 'coverage', '.git', '.turbo', '.switchyard'])
const foreign = /(?<![\w.])\/work\/|\.\.\/shared\b/

/** Lines that name a place outside the project: it must read alone. */
export function foreignPaths(text: string): readonly number[] {
  return text.split('\n').flatMap((line, index) => (foreign.test(line) ? [index + 1] : []))
}

/** Every file of the project, hidden ones too, tracked or about to be. */
export function projectFiles(root: string): readonly string[] {
  return readdirSync(root, { withFileTypes: true }).flatMap(entry => {
    const path = join(root, entry.name)
    if (ignored.has(entry.name)) return []
    return entry.isDirectory() ? projectFiles(path) : entry.isFile() ? [path] : []
  })
}

export function isText(path: string): boolean {
  return !readFileSync(path).subarray(0, 8000).includes(0)
}
